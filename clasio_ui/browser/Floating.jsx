// What floats above the page: menus, dialogs, notices.
import { Children, useEffect, useId, useRef, useState } from "react";
import CircleAlert from "lucide-react/dist/esm/icons/circle-alert.mjs";
import CircleCheck from "lucide-react/dist/esm/icons/circle-check.mjs";
import Info from "lucide-react/dist/esm/icons/info.mjs";
import X from "lucide-react/dist/esm/icons/x.mjs";
import { pressed } from "$/clasio/keys";

const NOTICE_MS = 6000;
const FOCUSABLE = "a[href], button:not([disabled]), input:not([type=hidden]):not([disabled])";

/** The first child is what the button shows; the others are the panel. Arrow keys move, Esc and a click outside close. */
export function Menu({ label, side = "left", buttonClass = "button", className = "", children }) {
  const [trigger, ...panel] = Children.toArray(children);
  const [isOpen, setOpen] = useState(false);
  const root = useRef(null);
  const button = useRef(null);
  const id = useId();
  useEffect(() => {
    if (!isOpen) return undefined;
    const onPointer = (event) => !root.current?.contains(event.target) && setOpen(false);
    document.addEventListener("pointerdown", onPointer);
    return () => document.removeEventListener("pointerdown", onPointer);
  }, [isOpen]);
  const items = () => [...(root.current?.querySelectorAll(`[id="${id}"] :is(${FOCUSABLE})`) ?? [])];
  const move = (step) => {
    const all = items();
    const at = all.indexOf(document.activeElement);
    all[(at + step + all.length) % all.length]?.focus();
  };
  const onKeyDown = (event) => {
    const key = pressed(event, "floating");
    if (key === "close" && isOpen) {
      event.stopPropagation();
      setOpen(false);
      button.current?.focus();
    } else if (key === "down" || key === "up") {
      event.preventDefault();
      if (!isOpen) setOpen(true);
      requestAnimationFrame(() => move(key === "down" ? 1 : -1));
    }
  };
  const onBlur = (event) => {
    if (event.relatedTarget && !root.current?.contains(event.relatedTarget)) setOpen(false);
  };
  return (
    <div className={`menu ${className}`} ref={root} onKeyDown={onKeyDown} onBlur={onBlur}>
      <button
        ref={button}
        type="button"
        className={buttonClass}
        aria-label={label}
        title={label}
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        {trigger}
      </button>
      <div
        id={id}
        className={`menu-panel menu-${side}`}
        hidden={!isOpen}
        onClick={(event) => event.target.closest("a, [data-closes]") && setOpen(false)}
      >
        {panel}
      </div>
    </div>
  );
}

/** A modal dialog; the browser keeps the focus inside and gives it back. */
export function Dialog({ isOpen, title, className = "", onClose, children }) {
  const dialog = useRef(null);
  const id = useId();
  useEffect(() => {
    const element = dialog.current;
    if (isOpen && !element.open) element.showModal();
    if (!isOpen && element.open) element.close();
  }, [isOpen]);
  return (
    <dialog
      ref={dialog}
      className={`dialog ${className}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      onClick={(event) => event.target === dialog.current && onClose?.()}
    >
      <div className="dialog-inner">
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

const MARKS = { info: Info, good: CircleCheck, bad: CircleAlert };

/** One sentence. It goes after 6 s, but not while it is pointed at or has the focus; an error stays. */
export function Notice({ tone = "info", text, onDismiss, children }) {
  const [isHeld, setHeld] = useState(false);
  const dismiss = useRef(onDismiss);
  dismiss.current = onDismiss;
  useEffect(() => {
    if (tone === "bad" || isHeld) return undefined;
    const timer = setTimeout(() => dismiss.current?.(), NOTICE_MS);
    return () => clearTimeout(timer);
  }, [tone, isHeld]);
  const Mark = MARKS[tone] ?? Info;
  return (
    <div
      className={`notice notice-${tone}`}
      role={tone === "bad" ? "alert" : "status"}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Mark size={16} aria-hidden="true" className="notice-mark" />
      <p>{text}</p>
      {children}
      <button type="button" className="button button-icon" aria-label="Close notice" onClick={() => onDismiss?.()}>
        <X size={16} aria-hidden="true" />
      </button>
    </div>
  );
}
