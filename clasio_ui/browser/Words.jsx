// Times and sizes as people read them.
import { useSyncExternalStore } from "react";
import { ago, day, dayInWords, exactly, size } from "$/clasio/words";

const TICK_MS = 20_000;
let now = new Date();
let timer = null;
const listeners = new Set();

// One clock for every time on the page.
const subscribe = (listener) => {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = new Date();
    listeners.forEach((each) => each());
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = null;
    }
  };
};

/** `at` is ISO 8601 in UTC; shown relative, exact on hover. */
export function When({ at }) {
  const clock = useSyncExternalStore(subscribe, () => now, () => now);
  if (!at) return null;
  const moment = new Date(at);
  const present = moment > clock ? moment : clock;
  return (
    <time dateTime={at} title={exactly(moment)}>
      {ago(moment, present)}
    </time>
  );
}

/** `on` is a calendar day, the same in every zone. */
export function Day({ on }) {
  if (!on) return null;
  const [year, month, date] = on.split("-").map(Number);
  return <time dateTime={on}>{day(new Date(year, month - 1, date))}</time>;
}

/** The heading above the first of several moments of one day of the viewer; `before` is the moment above. */
export function DayHeading({ at, before }) {
  const clock = useSyncExternalStore(subscribe, () => now, () => now);
  const moment = new Date(at);
  if (before && new Date(before).toDateString() === moment.toDateString()) return null;
  return <h3 className="day-heading">{dayInWords(moment, clock)}</h3>;
}

export function Size({ bytes }) {
  return <span title={`${Number(bytes).toLocaleString("en")} bytes`}>{size(bytes)}</span>;
}
