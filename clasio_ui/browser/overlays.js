// Which of the two things that every page can bring up is open: the palette or the list of keys.
import { useSyncExternalStore } from "react";

let shown = "";
const listeners = new Set();

const subscribe = (listener) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** `palette`, `help`, or nothing. */
export const show = (name) => {
  shown = name;
  listeners.forEach((listener) => listener());
};

/** Closes this one, and not what was opened in its place since. */
export const hide = (name) => shown === name && show("");

export const useShown = () => useSyncExternalStore(subscribe, () => shown, () => "");
