// Drop anywhere on the page, and the tray that shows how each file fares.
import { useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import Check from "lucide-react/dist/esm/icons/check.mjs";
import ChevronDown from "lucide-react/dist/esm/icons/chevron-down.mjs";
import Copy from "lucide-react/dist/esm/icons/copy.mjs";
import FileUp from "lucide-react/dist/esm/icons/file-up.mjs";
import Gauge from "lucide-react/dist/esm/icons/gauge.mjs";
import RotateCw from "lucide-react/dist/esm/icons/rotate-cw.mjs";
import TriangleAlert from "lucide-react/dist/esm/icons/triangle-alert.mjs";
import Upload from "lucide-react/dist/esm/icons/upload.mjs";
import X from "lucide-react/dist/esm/icons/x.mjs";
import { ariaKeys, entry, useKeyWords } from "$/clasio/keys";
import { size } from "$/clasio/words";
import {
  addFiles,
  cancel,
  clearFinished,
  filesOfDrop,
  isActive,
  onStored,
  pick,
  remove,
  retry,
  uploadInto,
  useUploads,
} from "$/clasio/uploads";

const SHOWN = 50;

export function UploadButton({ label = "Upload", className = "button button-primary" }) {
  const [[key]] = useKeyWords()(entry("everywhere", "upload"));
  return (
    <button
      type="button"
      className={className}
      title={`${label} (${key})`}
      aria-label={label}
      aria-keyshortcuts={ariaKeys("upload")}
      onClick={pick}
    >
      <Upload size={16} aria-hidden="true" />
      <span className="button-label">{label}</span>
    </button>
  );
}

export function UploadTray({ organization, onStoredFile }) {
  const uploads = useUploads();
  useEffect(() => uploadInto(organization), [organization]);
  const [isOpen, setOpen] = useState(true);
  useEffect(() => onStored((id) => onStoredFile?.(id)), [onStoredFile]);
  const active = uploads.filter(isActive).length;
  const wrong = uploads.filter((upload) => upload.error).length;
  return (
    <>
      <DropZone />
      <div className="sr-only" role="status">
        {uploads.length > 0 ? headline(uploads.length, active, wrong) : ""}
      </div>
      {uploads.length > 0 && (
        <section className="tray" aria-label="Uploads">
          <header className="tray-head">
            <strong>{headline(uploads.length, active, wrong)}</strong>
            <button
              type="button"
              className="button button-icon"
              aria-expanded={isOpen}
              aria-label={isOpen ? "Fold uploads" : "Unfold uploads"}
              onClick={() => setOpen(!isOpen)}
            >
              <ChevronDown size={16} className={isOpen ? "" : "turned"} aria-hidden="true" />
            </button>
            {active === 0 && (
              <button type="button" className="button button-icon" aria-label="Close uploads" onClick={clearFinished}>
                <X size={16} aria-hidden="true" />
              </button>
            )}
          </header>
          {isOpen && <TrayRows uploads={uploads} />}
        </section>
      )}
    </>
  );
}

const headline = (total, active, wrong) => {
  const files = total === 1 ? "1 file" : `${total.toLocaleString("en")} files`;
  if (active > 0) return total === 1 ? "Uploading 1 file" : `Uploading ${total - active + 1} of ${files}`;
  if (wrong > 0) return `${wrong.toLocaleString("en")} of ${files} not stored`;
  return `${files} uploaded`;
};

// What wants a person comes first, then what is under way.
const order = { duplicate: 0, failed: 0, sending: 1, waiting: 2, cancelled: 3, stored: 4 };

function TrayRows({ uploads }) {
  const sorted = [...uploads].sort((a, b) => order[a.state] - order[b.state] || a.id - b.id);
  const hidden = sorted.length - SHOWN;
  return (
    <ul className="tray-rows">
      {sorted.slice(0, SHOWN).map((upload) => (
        <TrayRow key={upload.id} upload={upload} />
      ))}
      {hidden > 0 && <li className="tray-more">and {hidden.toLocaleString("en")} more</li>}
    </ul>
  );
}

function TrayRow({ upload }) {
  const { id, name, state, error } = upload;
  return (
    <li className="tray-row" data-state={state}>
      <span className="tray-mark" aria-hidden="true">
        {state === "stored" ? <Check size={16} /> : error ? <TriangleAlert size={16} /> : <FileUp size={16} />}
      </span>
      <div className="tray-text">
        {state === "stored" ? (
          <Link className="tray-name" to={`/documents/${upload.documentId}`} title={name}>
            {name}
          </Link>
        ) : (
          <span className="tray-name" title={name}>
            {name}
          </span>
        )}
        {state === "sending" && (
          <progress className="bar" value={upload.sent} max={upload.size || 1} aria-label={`Upload of ${name}`} />
        )}
        <span className={error ? "tray-error" : "quiet small"}>{error || words(upload)}</span>
        {upload.requestId && <code className="small quiet">Request {upload.requestId}</code>}
        <TrayActions upload={upload} />
      </div>
      {isActive(upload) ? (
        <IconButton label={`Cancel ${name}`} onClick={() => cancel(id)} icon={X} />
      ) : (
        <IconButton label={`Remove ${name} from this list`} onClick={() => remove(id)} icon={X} />
      )}
    </li>
  );
}

const words = ({ state, sent, size: total }) => {
  if (state === "waiting") return `Waiting · ${size(total)}`;
  if (state === "cancelled") return "Cancelled";
  if (state === "stored") return `Uploaded · ${size(total)}`;
  return sent >= total ? "Storing" : `${size(sent)} of ${size(total)}`;
};

function TrayActions({ upload }) {
  const { id, state } = upload;
  if (state === "duplicate") {
    return (
      <div className="tray-actions">
        <button type="button" className="button button-small" onClick={() => retry(id, { keep: true })}>
          <Copy size={16} aria-hidden="true" /> Keep both
        </button>
        <Link className="button button-small" to={`/documents/${upload.documentId}`}>
          Open the first
        </Link>
      </div>
    );
  }
  const mayRetry = state === "cancelled" || (state === "failed" && upload.canRetry !== false);
  if (!mayRetry) return null;
  return (
    <div className="tray-actions">
      <button type="button" className="button button-small" onClick={() => retry(id)}>
        <RotateCw size={16} aria-hidden="true" /> Retry
      </button>
      {upload.upgradeUrl && (
        <Link className="button button-small" to={new URL(upload.upgradeUrl).pathname}>
          <Gauge size={16} aria-hidden="true" /> Usage and plan
        </Link>
      )}
    </div>
  );
}

function IconButton({ label, onClick, icon: Icon }) {
  return (
    <button type="button" className="button button-icon" aria-label={label} title={label} onClick={onClick}>
      <Icon size={16} aria-hidden="true" />
    </button>
  );
}

function DropZone() {
  const [isOver, setOver] = useState(false);
  const depth = useRef(0);
  useEffect(() => {
    const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
    const enter = (event) => {
      if (!hasFiles(event)) return;
      depth.current += 1;
      setOver(true);
    };
    const leave = (event) => {
      if (!hasFiles(event)) return;
      depth.current = Math.max(0, depth.current - 1);
      if (depth.current === 0) setOver(false);
    };
    const over = (event) => hasFiles(event) && event.preventDefault();
    const drop = async (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth.current = 0;
      setOver(false);
      addFiles(await filesOfDrop(event.dataTransfer));
    };
    const handlers = { dragenter: enter, dragleave: leave, dragover: over, drop };
    for (const [name, handler] of Object.entries(handlers)) window.addEventListener(name, handler);
    return () => {
      for (const [name, handler] of Object.entries(handlers)) window.removeEventListener(name, handler);
    };
  }, []);
  if (!isOver) return null;
  return (
    <div className="drop-zone" aria-hidden="true">
      <div className="drop-zone-inner">
        <Upload size={24} />
        <strong>Drop files to upload</strong>
      </div>
    </div>
  );
}
