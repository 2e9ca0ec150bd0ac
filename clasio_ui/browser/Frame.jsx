// What surrounds every page: navigation, search, theme, and the state of the connection.
import { useContext, useEffect, useRef, useState } from "react";
import { NavLink, useLocation, useNavigate } from "react-router";
import Monitor from "lucide-react/dist/esm/icons/monitor.mjs";
import Moon from "lucide-react/dist/esm/icons/moon.mjs";
import Search from "lucide-react/dist/esm/icons/search.mjs";
import Sun from "lucide-react/dist/esm/icons/sun.mjs";
import { ColorModeContext, EventLoopContext } from "$/utils/context-registry";
import { ariaKeys, entry, useKeyWords } from "$/clasio/keys";

export const SEARCH_ID = "search";
const OFFLINE_AFTER_MS = 1500;

export function NavItem({ to, end = false, label, children }) {
  return (
    <NavLink to={to} end={end} className="nav-item" title={label}>
      {children}
    </NavLink>
  );
}

export function SearchField({ path }) {
  const navigate = useNavigate();
  const location = useLocation();
  const [value, setValue] = useState("");
  const [[key]] = useKeyWords()(entry("everywhere", "search"));
  useEffect(() => {
    setValue(location.pathname === path ? (new URLSearchParams(location.search).get("q") ?? "") : "");
  }, [location, path]);
  const submit = (event) => {
    event.preventDefault();
    const q = value.trim();
    if (q) navigate(`${path}?${new URLSearchParams({ q })}`);
  };
  return (
    <form role="search" className="search" onSubmit={submit}>
      <Search size={16} aria-hidden="true" />
      <input
        id={SEARCH_ID}
        type="search"
        name="q"
        className="search-input"
        placeholder="Search documents"
        aria-label="Search documents"
        aria-keyshortcuts={ariaKeys("search")}
        autoComplete="off"
        maxLength={400}
        value={value}
        onChange={(event) => setValue(event.target.value)}
      />
      <kbd aria-hidden="true">{key}</kbd>
    </form>
  );
}

const THEMES = [
  ["light", "Light", Sun],
  ["dark", "Dark", Moon],
  ["system", "System", Monitor],
];

export function ThemeSwitch() {
  const { rawColorMode, setColorMode } = useContext(ColorModeContext);
  return (
    <div className="segments" role="group" aria-label="Theme">
      {THEMES.map(([mode, label, Icon]) => (
        <button
          key={mode}
          type="button"
          aria-pressed={rawColorMode === mode}
          aria-label={label}
          title={label}
          className="segment"
          onClick={() => setColorMode(mode)}
        >
          <Icon size={16} aria-hidden="true" />
        </button>
      ))}
    </div>
  );
}

/** Light or dark with one click. Both marks are there; the style shows the right one before scripts run. */
export function ThemeButton() {
  const { toggleColorMode } = useContext(ColorModeContext);
  return (
    <button type="button" className="button button-icon theme-button" aria-label="Light or dark" title="Light or dark" onClick={toggleColorMode}>
      <Sun size={16} className="only-dark" aria-hidden="true" />
      <Moon size={16} className="only-light" aria-hidden="true" />
    </button>
  );
}

// Kept while the document lives: pages mount anew on each navigation.
let shownPath = null;

/** Moves the focus to a new page's content, so that keyboards and screen readers follow. */
export function PageFocus({ target }) {
  const { pathname } = useLocation();
  useEffect(() => {
    if (shownPath !== null && shownPath !== pathname) document.getElementById(target)?.focus({ preventScroll: true });
    shownPath = pathname;
  }, [pathname, target]);
  useEffect(() => {
    // A page out of the back-forward cache may show what its viewer may no longer see.
    const onShow = (event) => event.persisted && window.location.reload();
    window.addEventListener("pageshow", onShow);
    return () => window.removeEventListener("pageshow", onShow);
  }, []);
  return null;
}

/** Says when the live connection is gone; Reflex reconnects by itself. */
export function Connection() {
  const [, errors] = useContext(EventLoopContext) ?? [null, []];
  const [isLate, setLate] = useState(false);
  const [isOnline, setOnline] = useState(true);
  const isLost = errors.length > 0 || !isOnline;
  useEffect(() => {
    const update = () => setOnline(navigator.onLine);
    update();
    window.addEventListener("online", update);
    window.addEventListener("offline", update);
    return () => {
      window.removeEventListener("online", update);
      window.removeEventListener("offline", update);
    };
  }, []);
  useEffect(() => {
    if (!isLost) {
      setLate(false);
      return undefined;
    }
    const timer = setTimeout(() => setLate(true), OFFLINE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [isLost]);
  return (
    <div role="status" className={isLate ? "banner" : "banner banner-hidden"}>
      {isLate &&
        (isOnline
          ? "The connection to Clasio is lost. It comes back by itself; nothing is missed."
          : "You are offline. Clasio goes on by itself when you are back.")}
    </div>
  );
}

/** Forgets this tab's state on the server, which belongs to who was signed in until now. */
export const forgetTab = () => sessionStorage.removeItem("token");

/** A plain form: the browser posts it and follows the answer. For sign-out and the organization switch. */
export function PostForm({ action, fields = {}, className, children }) {
  return (
    <form method="post" action={action} className={className} onSubmit={forgetTab}>
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {children}
    </form>
  );
}

/** The same from a script: the browser leaves this page. */
export const postTo = (action, fields) => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = action;
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(form);
  forgetTab();
  form.submit();
};
