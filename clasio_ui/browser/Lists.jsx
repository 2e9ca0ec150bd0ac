// Lists by keyboard.
import { useEffect, useRef, useState } from "react";
import { isCovered, isTyping, pressed } from "$/clasio/keys";

/** Walks through the elements with `data-row`: the focus is on the link inside that opens it, or on the row itself. */
export function RowKeys({ children }) {
  const root = useRef(null);
  useEffect(() => {
    const onKey = (event) => {
      const key = pressed(event, "list");
      const { target } = event;
      const isInside = root.current?.contains(target);
      if (!key || isTyping(event) || isCovered()) return;
      if (!isInside && target !== document.body && target.id !== "main") return;
      const row = isInside ? target.closest("[data-row]") : null;
      const isOnRow = row && target === handle(row);
      if (key === "down" || key === "up") {
        const rows = [...root.current.querySelectorAll("[data-row]")];
        const next = rows[Math.min(rows.length - 1, Math.max(0, rows.indexOf(row) + (key === "down" ? 1 : -1)))];
        if (next) {
          event.preventDefault();
          handle(next).focus();
        }
      } else if (isOnRow) {
        const wanted = row.querySelector(key === "open" ? "a[data-open]" : "input[type=checkbox]");
        if (wanted) event.preventDefault();
        wanted?.click();
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  // What tells more on hover lies above the row's link; a click there still opens the row.
  const onClick = (event) => {
    const isPlain = !(event.metaKey || event.ctrlKey || event.shiftKey);
    if (isPlain && !event.target.closest(OWN_CLICK)) event.target.closest("[data-row]")?.querySelector("a[data-open]")?.click();
  };
  return (
    <div ref={root} className="rows" onClick={onClick}>
      {children}
    </div>
  );
}

const OWN_CLICK = "a, button, input, select, label";
const handle = (row) => row.querySelector("a[data-open]") ?? row;

/** The first page of a document, over the mark of its format; loaded as it comes near. */
export function Thumb({ url, isLarge = false, children }) {
  return (
    <span className={isLarge ? "thumb thumb-large" : "thumb"} aria-hidden="true">
      {children}
      {url && <Picture key={url} url={url} />}
    </span>
  );
}

function Picture({ url }) {
  const [state, setState] = useState("loading");
  if (state === "failed") return null;
  const shown = () => setState("shown");
  return <img src={url} alt="" loading="lazy" decoding="async" data-state={state} onLoad={shown} onError={() => setState("failed")} />;
}

/** A checkbox that can also say "some". */
export function Check({ label, isChecked, isMixed = false, onToggle }) {
  const box = useRef(null);
  useEffect(() => {
    box.current.indeterminate = isMixed;
  }, [isMixed]);
  return (
    <label className="check">
      <input ref={box} type="checkbox" aria-label={label} checked={isChecked} onChange={() => onToggle?.()} />
    </label>
  );
}
