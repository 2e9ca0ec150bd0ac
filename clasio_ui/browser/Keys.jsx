// The keys that work everywhere, and the list of all keys.
import { useEffect } from "react";
import { useNavigate } from "react-router";
import Keyboard from "lucide-react/dist/esm/icons/keyboard.mjs";
import { Dialog } from "$/clasio/Floating";
import { SEARCH_ID } from "$/clasio/Frame";
import { KEYS, entry, isCovered, isTyping, pressed, useKeyWords } from "$/clasio/keys";
import { hide, show, useShown } from "$/clasio/overlays";
import { pick } from "$/clasio/uploads";

/** Listens while the page is open. A plain key does nothing while somebody types; none does under a dialog. */
export function Shortcuts({ searchPath }) {
  const navigate = useNavigate();
  useEffect(() => {
    const search = () => {
      const field = document.getElementById(SEARCH_ID);
      if (!field?.offsetParent) return navigate(searchPath);
      field.focus();
      return field.select();
    };
    const does = { palette: () => show("palette"), help: () => show("help"), upload: pick, search };
    const onKey = (event) => {
      const key = pressed(event, "everywhere");
      if (!key || isCovered() || (isTyping(event) && key !== "palette")) return;
      event.preventDefault();
      does[key]();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [navigate, searchPath]);
  return null;
}

/** Opens the list by hand, from a menu. */
export function KeySheetButton() {
  const [[key]] = useKeyWords()(entry("everywhere", "help"));
  return (
    <button type="button" className="menu-item only-keyboard" data-closes="" onClick={() => show("help")}>
      <Keyboard size={16} aria-hidden="true" />
      Keyboard shortcuts
      <kbd aria-hidden="true">{key}</kbd>
    </button>
  );
}

/** Every key there is, by where it works. */
export function KeySheet() {
  const isOpen = useShown() === "help";
  const close = () => hide("help");
  return (
    <Dialog isOpen={isOpen} title="Keyboard shortcuts" className="dialog-wide" onClose={close}>
      {isOpen && <KeyList />}
      <div className="dialog-actions">
        <button type="button" className="button" onClick={close}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

function KeyList() {
  const words = useKeyWords();
  return (
    <div className="key-list">
      {Object.entries(KEYS).map(([place, { title, keys }]) => (
        <section key={place}>
          <h3>{title}</h3>
          <dl>
            {keys.map((each) => (
              <div key={each.id} className="key-line" data-key={`${place}.${each.id}`}>
                <dt>{each.words}</dt>
                <dd>
                  <Combinations all={words(each)} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

/** Combinations of keys, any of which will do. */
const Combinations = ({ all }) =>
  all.map((combination, index) => (
    <span key={combination.join(" ")} className="key-combination">
      {index > 0 && <span className="quiet small">or</span>}
      {combination.map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  ));
