// All uploads of this tab. They live outside React, so they go on while people move between pages.
import { useSyncExternalStore } from "react";

const URL = "/api/v1/documents";
const ROOM_URL = "/api/v1/usage/room";
/** A larger file is not sent before the server has said that there is room for it. */
const ASK_FROM_BYTES = 1_000_000;
const AT_ONCE = 3;
/** How long uploads rest at most when the server says that there were too many. */
const MOST_PAUSE_SECONDS = 60;
const TICK_MS = 100;
const LOST = "The connection was lost. Try again.";
const BY_STATUS = {
  401: "You are signed out. Sign in to go on.",
  402: "The plan's limit is reached.",
  413: "This file is too large.",
  415: "This kind of file is not accepted.",
};

let organization = "";
let uploads = [];
let nextId = 1;
let pausedUntil = 0;
const requests = new Map();
const listeners = new Set();
const storedListeners = new Set();

const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
const nothing = [];
export const useUploads = () =>
  useSyncExternalStore(subscribe, () => uploads, () => nothing);

/** Calls `listener` with the document's id for each file that is stored; returns how to stop. */
export const onStored = (listener) => {
  storedListeners.add(listener);
  return () => storedListeners.delete(listener);
};

export const isActive = (upload) => upload.state === "waiting" || upload.state === "sending";

const set = (next) => {
  uploads = next;
  listeners.forEach((listener) => listener());
};
const change = (id, values) => set(uploads.map((upload) => (upload.id === id ? { ...upload, ...values } : upload)));

/** Files that are added from now on are meant for this organization; the server refuses them in any other. */
export const uploadInto = (id) => {
  organization = id;
};

export const addFiles = (files) => {
  const added = [...files].map((file) => ({
    id: nextId++,
    organization,
    file,
    name: file.name,
    size: file.size,
    sent: 0,
    state: "waiting",
    error: "",
    keep: false,
  }));
  if (added.length > 0) {
    set([...uploads, ...added]);
    startNext();
  }
};

// In no page, so it has to be held here: a browser may otherwise forget it while the person still chooses.
let picker = null;

/** Opens the file picker; has to be called while a click or key press is handled. */
export const pick = () => {
  picker = Object.assign(document.createElement("input"), { type: "file", multiple: true });
  picker.addEventListener("change", (event) => addFiles(event.target.files));
  picker.click();
};

export const cancel = (id) => {
  requests.get(id)?.abort();
  requests.delete(id);
  change(id, { state: "cancelled", sent: 0 });
  startNext();
};

export const retry = (id, { keep = false } = {}) => {
  change(id, { state: "waiting", sent: 0, error: "", upgradeUrl: undefined, keep });
  startNext();
};

export const clearFinished = () => set(uploads.filter(isActive));
export const remove = (id) => set(uploads.filter((upload) => upload.id !== id));

const startNext = () => {
  if (Date.now() < pausedUntil) return;
  for (const upload of uploads) {
    if (requests.size >= AT_ONCE) return;
    if (upload.state === "waiting") send(upload);
  }
};

const send = async (upload) => {
  const { id, file, organization } = upload;
  change(id, { state: "sending" });
  const asking = new AbortController();
  requests.set(id, asking);
  const refusal = file.size < ASK_FROM_BYTES ? null : await refusalOf(file, organization, asking.signal);
  if (asking.signal.aborted) return;
  if (refusal) {
    requests.delete(id);
    change(id, refusal);
    startNext();
  } else {
    sendBytes(upload);
  }
};

/** Says which organization a file was dropped into, so that it goes into no other. */
const meant = (organization) => (organization ? { "Clasio-Organization": organization } : {});

/** Why the server would not take a file of this size; null when it would, or does not say: then the upload itself will. */
const refusalOf = async (file, organization, signal) => {
  try {
    const answer = await fetch(`${ROOM_URL}?${new URLSearchParams({ size_bytes: file.size })}`, {
      headers: { Accept: "application/json", ...meant(organization) },
      signal,
    });
    return answer.status === 402 || answer.status === 413 ? refused(answer.status, await answer.json()) : null;
  } catch {
    return null;
  }
};

const sendBytes = ({ id, organization, file, keep }) => {
  const request = new XMLHttpRequest();
  const body = new FormData();
  body.append("file", file, file.name);
  let shownAt = 0;
  request.upload.onprogress = (event) => {
    const now = performance.now();
    if (now - shownAt < TICK_MS && event.loaded < event.total) return;
    shownAt = now;
    // The form around the file is a little longer than the file.
    change(id, { sent: Math.min(file.size, event.loaded) });
  };
  const finish = (values) => {
    requests.delete(id);
    change(id, values);
    startNext();
  };
  request.onload = () => finish(outcome(request, file));
  request.onerror = () => finish({ state: "failed", error: LOST });
  requests.set(id, request);
  request.open("POST", keep ? `${URL}?duplicates=keep` : URL);
  request.setRequestHeader("Accept", "application/json");
  for (const [name, value] of Object.entries(meant(organization))) request.setRequestHeader(name, value);
  request.send(body);
};

const outcome = (request, file) => {
  const answer = parse(request.responseText);
  if (request.status === 429) {
    pause(answer.retry_after);
    return { state: "waiting", sent: 0 };
  }
  if (request.status === 201) {
    storedListeners.forEach((listener) => listener(answer.id));
    return { state: "stored", sent: file.size, documentId: answer.id, name: answer.name ?? file.name };
  }
  return refused(request.status, answer);
};

/** All uploads wait, and then go on by themselves. */
const pause = (seconds) => {
  const milliseconds = 1000 * Math.min(Number(seconds) || MOST_PAUSE_SECONDS, MOST_PAUSE_SECONDS);
  pausedUntil = Date.now() + milliseconds;
  setTimeout(startNext, milliseconds + 1);
};

const refused = (status, answer) => ({
  state: answer.code === "duplicate_document" ? "duplicate" : "failed",
  canRetry: status >= 500 || status === 402 || answer.code === "other_organization",
  error: answer.detail ?? BY_STATUS[status] ?? "Something went wrong on our side. Try again.",
  documentId: answer.document_id,
  upgradeUrl: answer.upgrade_url,
  requestId: status >= 500 ? answer.request_id : undefined,
});

const parse = (text) => {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
};

/** The files of a drop, those inside dropped folders included. */
export const filesOfDrop = async (transfer) => {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return [...transfer.files];
  return (await Promise.all(entries.map(filesOf))).flat();
};

const filesOf = async (entry) => {
  if (entry.isFile) return [await new Promise((resolve, reject) => entry.file(resolve, reject))];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break;
    found.push(...some);
  }
  return (await Promise.all(found.map(filesOf))).flat();
};

if (typeof window !== "undefined") {
  window.addEventListener("beforeunload", (event) => {
    if (uploads.some(isActive)) event.preventDefault();
  });
}
