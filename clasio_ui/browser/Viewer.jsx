// A document as its pages: pictures that are loaded as they come near, with zoom, jumps and a strip of small ones.
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import ChevronDown from "lucide-react/dist/esm/icons/chevron-down.mjs";
import ChevronUp from "lucide-react/dist/esm/icons/chevron-up.mjs";
import PanelLeft from "lucide-react/dist/esm/icons/panel-left.mjs";
import ZoomIn from "lucide-react/dist/esm/icons/zoom-in.mjs";
import ZoomOut from "lucide-react/dist/esm/icons/zoom-out.mjs";
import { isCovered, isTyping, pressed } from "$/clasio/keys";
import { Page, Thumbnail } from "$/clasio/Page";
import { fetchJson, pageInView, useNear } from "$/clasio/pages";

const ZOOMS = [0.5, 0.75, 1, 1.25, 1.5, 2, 3];
const WIDE = "(min-width: 640px)";
const FIT = ZOOMS.indexOf(1);

/** `url` is where the document's pages are, of which it has `total`; `query` is marked in them, `first` is where to begin. */
export function Viewer({ url, name, query = "", first = 1, total = 0 }) {
  const [sizes, setSizes] = useState(null);
  const [error, setError] = useState("");
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    setSizes(null);
    setError("");
    fetchJson(url, stop.signal).then(
      setSizes,
      (reason) => stop.signal.aborted || setError(reason.message),
    );
    return () => stop.abort();
  }, [url, attempt]);
  if (error) {
    return (
      <div className="card state" role="alert">
        <h2>The pages cannot be shown</h2>
        <p>{error}</p>
        <div className="state-actions">
          <button type="button" className="button" onClick={() => setAttempt(attempt + 1)}>
            Try again
          </button>
        </div>
      </div>
    );
  }
  if (!sizes) {
    return (
      <div className="card view" aria-busy="true">
        <p className="view-word" role="status">
          Loading the pages …
        </p>
      </div>
    );
  }
  return <Pages key={url} url={url} name={name} sizes={sizes} query={query} first={first} total={total} />;
}

function Pages({ url, name, sizes, query, first, total }) {
  const root = useRef(null);
  const count = sizes.length;
  const [current, setCurrent] = useState(1);
  const [zoom, setZoom] = useState(FIT);
  const [hasStrip, setStrip] = useState(() => count > 1 && window.matchMedia(WIDE).matches);
  const near = useNear(root, count, "50% 0px");
  const go = useCallback((number) => {
    const page = root.current.querySelector(`[data-page="${Math.min(Math.max(number, 1), sizes.length)}"]`);
    root.current.scrollTop = page.offsetTop - parseFloat(getComputedStyle(root.current).paddingTop);
  }, [sizes]);
  useLayoutEffect(() => {
    if (first > 1) go(first);
  }, [first, go]);
  useKept(root, zoom);
  useKeys(root, {
    next: () => go(current + 1),
    before: () => go(current - 1),
    first: () => go(1),
    last: () => go(count),
    larger: () => setZoom((step) => Math.min(step + 1, ZOOMS.length - 1)),
    smaller: () => setZoom((step) => Math.max(step - 1, 0)),
    fit: () => setZoom(FIT),
  });
  return (
    <div className="card view">
      <Toolbar {...{ current, count, go, zoom, setZoom, hasStrip, setStrip }} />
      <div className="view-body">
        {hasStrip && <Strip url={url} sizes={sizes} current={current} onOpen={go} />}
        <div
          ref={root}
          className="view-pages"
          tabIndex={0}
          role="region"
          aria-label={`Pages of ${name}`}
          style={{ "--zoom": ZOOMS[zoom] }}
          onScroll={() => setCurrent(pageInView(root.current))}
        >
          {sizes.map((size, index) => (
            <Page key={index} url={url} number={index + 1} of={count} name={name} size={size} isNear={near.has(index + 1)} query={query} />
          ))}
        </div>
      </div>
      {total > count && (
        <p className="quiet small card-body">
          The first {count.toLocaleString("en")} of {total.toLocaleString("en")} pages are shown here. The download has all of them.
        </p>
      )}
    </div>
  );
}

function Toolbar({ current, count, go, zoom, setZoom, hasStrip, setStrip }) {
  return (
    <div className="view-tools" role="toolbar" aria-label="Viewer">
      {count > 1 && (
        <>
          <Tool label="Small pages" Icon={PanelLeft} aria-pressed={hasStrip} onClick={() => setStrip(!hasStrip)} />
          <Tool className="button button-icon not-phone" label="Page before" Icon={ChevronUp} disabled={current === 1} onClick={() => go(current - 1)} />
          <Tool className="button button-icon not-phone" label="Next page" Icon={ChevronDown} disabled={current === count} onClick={() => go(current + 1)} />
          <PageField current={current} count={count} go={go} />
        </>
      )}
      <span className="push-right" />
      <Tool label="Smaller" Icon={ZoomOut} disabled={zoom === 0} onClick={() => setZoom(zoom - 1)} />
      <button type="button" className="button button-quiet view-zoom" title="Fit the width" onClick={() => setZoom(FIT)}>
        {Math.round(ZOOMS[zoom] * 100)} %
      </button>
      <Tool label="Larger" Icon={ZoomIn} disabled={zoom === ZOOMS.length - 1} onClick={() => setZoom(zoom + 1)} />
    </div>
  );
}

const Tool = ({ label, Icon, ...props }) => (
  <button type="button" className="button button-icon" aria-label={label} title={label} {...props}>
    <Icon size={16} aria-hidden="true" />
  </button>
);

/** What is typed counts on Enter, or when the field is left. */
function PageField({ current, count, go }) {
  const [typed, setTyped] = useState(null);
  const jump = () => {
    const number = Number.parseInt(typed, 10);
    setTyped(null);
    if (number) go(number);
  };
  return (
    <form
      className="line view-number"
      onSubmit={(event) => {
        event.preventDefault();
        jump();
      }}
    >
      <input
        className="input"
        aria-label={`Page, of ${count}`}
        inputMode="numeric"
        autoComplete="off"
        maxLength={6}
        value={typed ?? current}
        onChange={(event) => setTyped(event.target.value)}
        onFocus={(event) => event.target.select()}
        onBlur={jump}
      />
      <span className="quiet numbers">of {count.toLocaleString("en")}</span>
    </form>
  );
}

function Strip({ url, sizes, current, onOpen }) {
  const root = useRef(null);
  const near = useNear(root, sizes.length, "50%");
  useEffect(() => {
    const strip = root.current;
    const thumb = strip.querySelector(`[data-page="${current}"]`);
    const isOut = thumb.offsetTop < strip.scrollTop || thumb.offsetTop + thumb.offsetHeight > strip.scrollTop + strip.clientHeight;
    if (isOut) strip.scrollTop = thumb.offsetTop - strip.clientHeight / 3;
  }, [current]);
  return (
    <nav ref={root} className="view-strip" aria-label="Small pages">
      {sizes.map((size, index) => (
        <Thumbnail key={index} url={url} number={index + 1} size={size} isNear={near.has(index + 1)} isCurrent={current === index + 1} onOpen={onOpen} />
      ))}
    </nav>
  );
}

/** Keeps the middle of what is in view where it is while `zoom` changes. */
const useKept = (root, zoom) => {
  const part = useRef(null);
  useEffect(() => {
    const pages = root.current;
    const note = () => {
      part.current = (pages.scrollTop + pages.clientHeight / 2) / pages.scrollHeight;
    };
    pages.addEventListener("scroll", note, { passive: true });
    return () => pages.removeEventListener("scroll", note);
  }, [root]);
  useLayoutEffect(() => {
    const pages = root.current;
    if (part.current !== null) pages.scrollTop = part.current * pages.scrollHeight - pages.clientHeight / 2;
    pages.scrollLeft = (pages.scrollWidth - pages.clientWidth) / 2;
  }, [root, zoom]);
};

/** The keys of the viewer work where nothing else has the focus. */
const useKeys = (root, does) => {
  const latest = useRef(does);
  latest.current = does;
  useEffect(() => {
    const onKey = (event) => {
      const key = pressed(event, "viewer");
      if (!key || isTyping(event) || isCovered()) return;
      const { target } = event;
      const isOurs = root.current?.closest(".view").contains(target);
      if (!isOurs && target !== document.body && target.id !== "main") return;
      event.preventDefault();
      latest.current[key]();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [root]);
};
