// The palette: type where to go, which document to open, or what to do.
import { useContext, useEffect, useId, useMemo, useRef, useState } from "react";
import { useNavigate } from "react-router";
import ArrowRight from "lucide-react/dist/esm/icons/arrow-right.mjs";
import Building from "lucide-react/dist/esm/icons/building-2.mjs";
import Command from "lucide-react/dist/esm/icons/command.mjs";
import FileText from "lucide-react/dist/esm/icons/file-text.mjs";
import Keyboard from "lucide-react/dist/esm/icons/keyboard.mjs";
import LogOut from "lucide-react/dist/esm/icons/log-out.mjs";
import Monitor from "lucide-react/dist/esm/icons/monitor.mjs";
import Moon from "lucide-react/dist/esm/icons/moon.mjs";
import Search from "lucide-react/dist/esm/icons/search.mjs";
import Sun from "lucide-react/dist/esm/icons/sun.mjs";
import Upload from "lucide-react/dist/esm/icons/upload.mjs";
import UserPlus from "lucide-react/dist/esm/icons/user-plus.mjs";
import X from "lucide-react/dist/esm/icons/x.mjs";
import { ColorModeContext } from "$/utils/context-registry";
import { postTo } from "$/clasio/Frame";
import { ariaKeys, entry, pressed, useKeyWords } from "$/clasio/keys";
import { hide, show, useShown } from "$/clasio/overlays";
import { pick } from "$/clasio/uploads";

const PAUSE_MS = 120;
const LONGEST = 200;
const LABEL = "Go to, find, do";

// Kept while the document lives: pages mount anew on each navigation, also under somebody's typing.
let kept = "";

/** Opens the palette by hand, for those without a keyboard; on a phone it is also the way to the search. */
export function PaletteButton() {
  const [keys] = useKeyWords()(entry("everywhere", "palette"));
  return (
    <button
      type="button"
      className="button button-icon"
      aria-label={LABEL}
      aria-haspopup="dialog"
      aria-keyshortcuts={ariaKeys("palette")}
      title={`${LABEL} (${keys.join(" ")})`}
      onClick={() => show("palette")}
    >
      <Command size={16} className="not-phone" aria-hidden="true" />
      <Search size={16} className="only-phone" aria-hidden="true" />
    </button>
  );
}

/** `found` are the documents that fit `foundFor`; `onQuery` asks for those that fit what is typed. */
export function Palette(props) {
  const dialog = useRef(null);
  const isOpen = useShown() === "palette";
  useEffect(() => {
    const element = dialog.current;
    if (isOpen && !element.open) element.showModal();
    if (!isOpen && element.open) element.close();
  }, [isOpen]);
  const close = () => {
    kept = "";
    hide("palette");
  };
  return (
    <dialog
      ref={dialog}
      className="dialog palette"
      aria-label={LABEL}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      // The browser tells of a closing later: it may be open again by then, and stays so.
      onClose={() => !dialog.current?.open && close()}
      onClick={(event) => event.target === dialog.current && close()}
    >
      {isOpen && <Choices {...props} close={close} />}
    </dialog>
  );
}

function Choices({ found = [], foundFor = "", onQuery, close, ...offered }) {
  const [typed, setTyped] = useState(kept);
  const [chosen, setChosen] = useState("");
  const id = useId();
  const query = typed.trim();
  useAsking(query, onQuery);
  const commands = useCommands(offered);
  const navigate = useNavigate();
  const documents = query && foundFor === query ? found : [];
  const groups = fitting(commands, query, documents, offered.searchPath, navigate);
  const options = groups.flatMap((group) => group.options);
  const active = options.find((option) => option.id === chosen) ?? options[0];
  const optionId = (option) => `${id}-${option.id}`;
  useEffect(() => {
    document.getElementById(optionId(active))?.scrollIntoView({ block: "nearest" });
  });
  const take = (option) => {
    close();
    option.run();
  };
  const onKeyDown = (event) => {
    const key = pressed(event, "floating");
    const step = { down: 1, up: -1 }[key];
    if (step) {
      event.preventDefault();
      setChosen(options[(options.indexOf(active) + step + options.length) % options.length].id);
    } else if (key === "take") {
      event.preventDefault();
      take(active);
    }
  };
  return (
    <>
      <div className="palette-head">
        <Search size={16} aria-hidden="true" />
        <input
          className="search-input"
          role="combobox"
          aria-label={LABEL}
          aria-expanded="true"
          aria-controls={id}
          aria-autocomplete="list"
          aria-activedescendant={optionId(active)}
          placeholder="Page, document or action"
          autoComplete="off"
          autoFocus
          maxLength={LONGEST}
          value={typed}
          onChange={(event) => {
            kept = event.target.value;
            setTyped(kept);
            setChosen("");
          }}
          onKeyDown={onKeyDown}
        />
        <button type="button" className="button button-icon" aria-label="Close" title="Close (Esc)" onClick={close}>
          <X size={16} aria-hidden="true" />
        </button>
      </div>
      <div id={id} role="listbox" aria-label="Choices" className="palette-list">
        {groups.map((group) => (
          <div key={group.title} role="group" aria-label={group.title}>
            <div className="palette-title" aria-hidden="true">
              {group.title}
            </div>
            {group.options.map((option) => (
              <Option
                key={option.id}
                id={optionId(option)}
                option={option}
                isActive={option === active}
                onPoint={() => setChosen(option.id)}
                onTake={() => take(option)}
              />
            ))}
          </div>
        ))}
      </div>
      <div className="sr-only" role="status">
        {query && foundFor === query ? `${documents.length} ${documents.length === 1 ? "document" : "documents"} found` : ""}
      </div>
    </>
  );
}

function Option({ id, option, isActive, onPoint, onTake }) {
  const { icon: Icon, label, detail } = option;
  return (
    <div
      id={id}
      role="option"
      aria-selected={isActive}
      className="palette-option"
      onPointerMove={() => !isActive && onPoint()}
      onClick={onTake}
    >
      <Icon size={16} aria-hidden="true" />
      <span className="cut">{label}</span>
      {detail && <span className="quiet small cut palette-detail">{detail}</span>}
    </div>
  );
}

/** Asks for documents once typing pauses. */
const useAsking = (query, onQuery) => {
  const ask = useRef(onQuery);
  ask.current = onQuery;
  useEffect(() => {
    if (!query) return undefined;
    const timer = setTimeout(() => ask.current?.(query), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [query]);
};

const useCommands = ({ pages = [], organizations = [], mayInvite, onInvite, switchPath, signOutPath }) => {
  const navigate = useNavigate();
  const { setColorMode } = useContext(ColorModeContext);
  const invite = useRef(onInvite);
  invite.current = onInvite;
  return useMemo(() => {
    const theme = (mode, label, icon) => ({ id: mode, label, icon, also: "theme", run: () => setColorMode(mode) });
    return [
      {
        title: "Go to",
        options: pages.map(({ label, to }) => ({ id: to, label, icon: ArrowRight, run: () => navigate(to) })),
      },
      {
        title: "Do",
        options: [
          { id: "upload", label: "Upload files", icon: Upload, also: "add documents", run: pick },
          mayInvite && { id: "invite", label: "Invite somebody", icon: UserPlus, also: "member", run: () => invite.current?.() },
          theme("light", "Light theme", Sun),
          theme("dark", "Dark theme", Moon),
          theme("system", "Theme of the system", Monitor),
          { id: "keys", label: "Keyboard shortcuts", icon: Keyboard, also: "help", run: () => show("help") },
          { id: "sign-out", label: "Sign out", icon: LogOut, also: "log", run: () => postTo(signOutPath, {}) },
        ].filter(Boolean),
      },
      {
        title: "Switch to",
        options: organizations
          .filter((organization) => !organization.is_current)
          .map(({ id, name }) => ({
            id,
            label: name,
            icon: Building,
            also: "organization",
            run: () => postTo(switchPath, { organization_id: id }),
          })),
      },
    ];
  }, [pages, organizations, mayInvite, switchPath, signOutPath, navigate, setColorMode]);
};

/** What fits the query, with the documents that were found and the way to the whole search below. */
const fitting = (commands, query, documents, searchPath, navigate) => {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = ({ label, also = "" }) => words.every((word) => `${label} ${also}`.toLowerCase().includes(word));
  const groups = commands.map((group) => ({ ...group, options: group.options.filter(fits) }));
  const searched = {
    id: "search",
    label: `Search for “${query}”`,
    detail: "in all documents",
    icon: Search,
    run: () => navigate(`${searchPath}?${new URLSearchParams({ q: query })}`),
  };
  const open = ({ id, name, href, detail }) => ({ id, label: name, detail, icon: FileText, run: () => navigate(href) });
  const own = [
    { title: "Documents", options: documents.map(open) },
    { title: "Search", options: query ? [searched] : [] },
  ];
  return [...groups, ...own].filter((group) => group.options.length > 0);
};
