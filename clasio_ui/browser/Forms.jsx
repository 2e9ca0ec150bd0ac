// Forms that post to plain HTTP (sign-in, set-up): nothing typed is lost on an error, and each error is at its field.
import { createContext, useContext, useEffect, useId, useRef, useState } from "react";
import Eye from "lucide-react/dist/esm/icons/eye.mjs";
import EyeOff from "lucide-react/dist/esm/icons/eye-off.mjs";
import { forgetTab } from "$/clasio/Frame";
import { pressed } from "$/clasio/keys";

const LOST = "Clasio cannot be reached. Check the connection and try again.";
const Problems = createContext({});

/**
 * Works as a plain form before scripts run; then it posts in the background and shows what the server says.
 * `sentences` maps the `error` of the address (a plain form's answer) to words; `carried` names parts of the address
 * to post along, such as the token of a link. With `isBeside` another form of the page says what was wrong.
 */
export function PostedForm({ action, submitLabel, busyLabel, sentences = {}, carried = [], isBeside, children }) {
  const form = useRef(null);
  const [problem, setProblem] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const [query, setQuery] = useState(null);
  useEffect(() => {
    const values = new URLSearchParams(window.location.search);
    setQuery(values);
    const code = values.get("error");
    if (code && !isBeside) setProblem({ detail: sentences[code] ?? "This did not work. Try again." });
  }, []);
  useEffect(() => {
    const back = (event) => event.persisted && setBusy(false); // by the browser's button, from where the form led
    window.addEventListener("pageshow", back);
    return () => window.removeEventListener("pageshow", back);
  }, []);
  useEffect(() => {
    const first = Object.keys(problem?.fields ?? {})[0];
    form.current?.elements.namedItem(first)?.focus();
  }, [problem]);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    const found = await post(action, form.current);
    if (found.go_to) {
      forgetTab();
      window.location.assign(found.go_to);
      return;
    }
    setBusy(false);
    setProblem(found);
  };
  const hasFields = Object.keys(problem?.fields ?? {}).length > 0;
  return (
    <Problems.Provider value={problem?.fields ?? {}}>
      <form ref={form} method="post" action={action} className="form" onSubmit={submit}>
        {carried.map((name) => (
          <input key={name} type="hidden" name={name} value={query?.get(name) ?? ""} />
        ))}
        <div role="alert">{problem && !hasFields && <p className="form-error">{problem.detail}</p>}</div>
        {children}
        <button type="submit" className={isBeside ? "button button-wide" : "button button-primary button-wide"} disabled={isBusy}>
          {isBusy ? busyLabel : submitLabel}
        </button>
      </form>
    </Problems.Provider>
  );
}

const post = async (action, form) => {
  try {
    const answer = await fetch(action, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: new URLSearchParams(new FormData(form)),
    });
    const found = await answer.json();
    return answer.ok ? found : { detail: found.detail ?? LOST, fields: found.fields };
  } catch {
    return { detail: LOST };
  }
};

/** Label above, hint under, error beside. */
export function PostedField({ name, label, hint, type = "text", autoComplete, autoFocus, minLength }) {
  const error = useContext(Problems)[name];
  const [isShown, setShown] = useState(false);
  const id = useId();
  const isPassword = type === "password";
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="field-box">
        <input
          id={id}
          name={name}
          className="input"
          type={isPassword && isShown ? "text" : type}
          required
          minLength={minLength}
          maxLength={isPassword ? 256 : 320}
          autoComplete={autoComplete}
          autoFocus={autoFocus}
          aria-invalid={error ? true : undefined}
          aria-describedby={described}
        />
        {isPassword && (
          <button
            type="button"
            className="button button-icon field-peek"
            aria-pressed={isShown}
            aria-label={isShown ? "Hide password" : "Show password"}
            onClick={() => setShown(!isShown)}
          >
            {isShown ? <EyeOff size={16} aria-hidden="true" /> : <Eye size={16} aria-hidden="true" />}
          </button>
        )}
      </div>
      {error && (
        <p id={`${id}-error`} className="field-error">
          {error}
        </p>
      )}
      {hint && !error && (
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      )}
    </div>
  );
}

/** What is wrong with a field of a form that is sent as an event; the first field with an error gets the focus. */
export function FieldError({ errorId, field, text }) {
  useEffect(() => {
    const box = document.getElementById(field);
    if (text && box?.form?.querySelector("[aria-invalid=true]") === box) box.focus();
  }, [field, text]);
  return (
    <p id={errorId} className="field-error" role="alert">
      {text}
    </p>
  );
}

/** One value, edited in place: Enter saves (with Ctrl in a long text), Esc leaves it as it was. */
export function EditBox({ label, value, kind = "text", options = [], error, onSave, onCancel }) {
  const [typed, setTyped] = useState(value ?? "");
  const id = useId();
  const onKeyDown = (event) => {
    const key = pressed(event, "editing");
    if (key === "cancel") {
      event.stopPropagation();
      onCancel?.();
    } else if (key === (kind === "long" ? "save-long" : "save")) {
      event.preventDefault();
      onSave?.({ value: typed });
    }
  };
  const shared = {
    "aria-label": label,
    "aria-invalid": error ? true : undefined,
    "aria-describedby": error ? id : undefined,
    autoFocus: true,
    value: typed,
    onChange: (event) => setTyped(event.target.value),
    onKeyDown,
  };
  return (
    <form
      className="edit-box"
      onSubmit={(event) => {
        event.preventDefault();
        onSave?.({ value: typed });
      }}
    >
      {kind === "long" && <textarea className="input" rows={4} maxLength={600} {...shared} />}
      {kind === "choice" && (
        <select className="input input-small" {...shared}>
          <option value="">None</option>
          {options.map((option) => (
            <option key={option} value={option}>
              {option}
            </option>
          ))}
        </select>
      )}
      {(kind === "text" || kind === "date") && <input className="input input-small" type={kind} {...shared} />}
      {error && (
        <p id={id} role="alert" className="field-error">
          {error}
        </p>
      )}
      <div className="line">
        <button type="submit" className="button button-small button-primary">
          Save
        </button>
        <button type="button" className="button button-small" onClick={() => onCancel?.()}>
          Cancel
        </button>
      </div>
    </form>
  );
}

/** A text to take along; where the browser lets no page write to the clipboard, it is selected to copy by hand. */
export function CopyField({ label, value }) {
  const [isCopied, setCopied] = useState(false);
  const box = useRef(null);
  const id = useId();
  const copy = async () => {
    box.current?.select();
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
    } catch {
      setCopied(false);
    }
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="line">
        <input id={id} ref={box} className="input" readOnly value={value} onFocus={(event) => event.target.select()} />
        <button type="button" className="button" onClick={copy}>
          {isCopied ? "Copied" : "Copy"}
        </button>
      </div>
    </div>
  );
}

/** Codes to keep: seen, copied, or saved as a file that the page itself makes. */
export function CodeList({ codes, fileName }) {
  const [isCopied, setCopied] = useState(false);
  const text = `${codes.join("\n")}\n`;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      setCopied(false);
    }
  };
  return (
    <>
      <ul className="code-list">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div className="line">
        <button type="button" className="button" onClick={copy}>
          {isCopied ? "Copied" : "Copy all"}
        </button>
        <a className="button" href={`data:text/plain;charset=utf-8,${encodeURIComponent(text)}`} download={fileName}>
          Save as a file
        </a>
      </div>
    </>
  );
}
