// Which pages are near what a person sees, and what the server says of them.
import { useEffect, useState } from "react";

const SETTLED_MS = 120;

/** JSON of our own API; throws with the sentence for people when it is refused. */
export const fetchJson = async (url, signal) => {
  const answer = await fetch(url, { signal, headers: { accept: "application/json" } }).catch((error) => {
    if (signal?.aborted) throw error;
    throw new Error("The server does not answer. Check your connection, then try again.");
  });
  if (answer.ok) return answer.json();
  throw new Error((await problemOf(answer)) ?? `The server answered ${answer.status}. Try again in a moment.`);
};

/** Why a picture did not come, asked again: an image itself does not say. */
export const whyNot = async (url) => {
  const answer = await fetch(url).catch(() => null);
  if (!answer) return "The server does not answer. Check your connection, then try again.";
  return answer.ok ? "" : ((await problemOf(answer)) ?? "It could not be drawn.");
};

const problemOf = async (answer) => {
  const isProblem = answer.headers.get("content-type")?.includes("json");
  return isProblem ? (await answer.json()).detail : undefined;
};

/** Page numbers (`data-page`) inside `root` that are in view or within `margin` of it. */
export const useNear = (root, count, margin) => {
  const [near, setNear] = useState(() => new Set());
  useEffect(() => {
    const note = (entries) =>
      setNear((before) => {
        const after = new Set(before);
        for (const { target, isIntersecting } of entries) after[isIntersecting ? "add" : "delete"](Number(target.dataset.page));
        return after;
      });
    const observer = new IntersectionObserver(note, { root: root.current, rootMargin: margin });
    for (const page of root.current?.querySelectorAll("[data-page]") ?? []) observer.observe(page);
    return () => {
      observer.disconnect();
      setNear(new Set());
    };
  }, [root, count, margin]);
  return near;
};

/** True once `value` has been true for a moment: what only flies by while somebody scrolls is not asked for. */
export const useSettled = (value) => {
  const [isSettled, setSettled] = useState(false);
  useEffect(() => {
    if (!value) return setSettled(false);
    const timer = setTimeout(() => setSettled(true), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return value && isSettled;
};

/** The page that fills the upper part of `root`: the last one that begins above its middle. */
export const pageInView = (root) => {
  const pages = root.querySelectorAll("[data-page]");
  const middle = root.scrollTop + root.clientHeight / 2;
  let [low, high] = [0, pages.length - 1];
  while (low < high) {
    const between = Math.ceil((low + high) / 2);
    if (pages[between].offsetTop <= middle) low = between;
    else high = between - 1;
  }
  return low + 1;
};
