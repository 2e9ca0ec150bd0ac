// Every key that Clasio knows, said once: handlers ask `pressed`, tooltips and the help sheet read the same list.
import { useSyncExternalStore } from "react";

/** By place. `keys` are names of `KeyboardEvent.key`; `mod` is ⌘ on a Mac and Ctrl elsewhere. */
export const KEYS = {
  everywhere: {
    title: "Everywhere",
    keys: [
      { id: "palette", keys: ["mod+k"], words: "Go to a page, find a document, do something" },
      { id: "search", keys: ["/"], words: "Search in the text of all documents" },
      { id: "upload", keys: ["u"], words: "Upload files" },
      { id: "help", keys: ["?"], words: "Show this list" },
    ],
  },
  list: {
    title: "In a list",
    keys: [
      { id: "down", keys: ["ArrowDown", "j"], words: "To the next row" },
      { id: "up", keys: ["ArrowUp", "k"], words: "To the row before" },
      { id: "open", keys: ["Enter"], words: "Open the row" },
      { id: "select", keys: [" ", "x"], words: "Select the row, or not" },
    ],
  },
  viewer: {
    title: "In the pages of a document",
    keys: [
      { id: "next", keys: ["n"], words: "To the next page" },
      { id: "before", keys: ["p"], words: "To the page before" },
      { id: "first", keys: ["Home"], words: "To the first page" },
      { id: "last", keys: ["End"], words: "To the last page" },
      { id: "larger", keys: ["+", "="], words: "Larger" },
      { id: "smaller", keys: ["-"], words: "Smaller" },
      { id: "fit", keys: ["0"], words: "As wide as the window" },
    ],
  },
  floating: {
    title: "In menus, choices and dialogs",
    keys: [
      { id: "down", keys: ["ArrowDown"], words: "To the next choice" },
      { id: "up", keys: ["ArrowUp"], words: "To the choice before" },
      { id: "take", keys: ["Enter"], words: "Take the choice" },
      { id: "close", keys: ["Escape"], words: "Close" },
    ],
  },
  editing: {
    title: "While a value is edited",
    keys: [
      { id: "save", keys: ["Enter"], words: "Save" },
      { id: "save-long", keys: ["mod+Enter"], words: "Save a text of several lines" },
      { id: "cancel", keys: ["Escape"], words: "Leave it as it was" },
    ],
  },
};

const isMac = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);

const fits = (key, event) => {
  const name = key.replace("mod+", "");
  const wantsMod = name !== key;
  if (event.altKey || wantsMod !== (isMac ? event.metaKey : event.ctrlKey) || (isMac ? event.ctrlKey : event.metaKey)) {
    return false;
  }
  return name.length === 1 && wantsMod ? event.key.toLowerCase() === name : event.key === name;
};

/** What the key of this event does in this place: an `id` of the list above, or nothing. */
export const pressed = (event, place) => {
  if ((event.nativeEvent ?? event).isComposing || event.defaultPrevented) return undefined;
  return KEYS[place].keys.find(({ keys }) => keys.some((key) => fits(key, event)))?.id;
};

const WORDS = { ArrowDown: "↓", ArrowUp: "↑", " ": "Space", Escape: "Esc" };

const inWords = (key, onMac) =>
  (key === "+" ? [key] : key.split("+"))
    .map((part) => (part === "mod" ? (onMac ? "⌘" : "Ctrl") : (WORDS[part] ?? (part.length === 1 ? part.toUpperCase() : part))));

const never = () => () => {};

/** Gives a function that says the keys of an entry as people read them: [["Ctrl", "K"]]. */
export const useKeyWords = () => {
  // Pages are built before anybody knows the machine.
  const onMac = useSyncExternalStore(never, () => isMac, () => false);
  return (entry) => entry.keys.map((key) => inWords(key, onMac));
};

export const entry = (place, id) => KEYS[place].keys.find((each) => each.id === id);

/** For `aria-keyshortcuts`. */
export const ariaKeys = (id) =>
  entry("everywhere", id)
    .keys.flatMap((key) => (key.startsWith("mod+") ? ["Control", "Meta"].map((mod) => key.replace("mod", mod)) : [key]))
    .join(" ");

const CHECKS = "[type=checkbox], [type=radio], [type=button], [type=submit]";

/** Whether a key would be text, or a choice, where it is pressed. */
export const isTyping = ({ target }) =>
  target.isContentEditable || target.matches?.(`input:not(${CHECKS}), textarea, select`);

/** Whether something lies over the page that has keys of its own. */
export const isCovered = () => document.querySelector("dialog[open]") !== null;
