// Lists by keyboard, and the small chart.
import { useEffect, useRef } from "react";

/** ↑↓ (or k j) move between rows, space selects, Enter opens (the row's link has the focus). */
export function RowKeys({ children }) {
  const root = useRef(null);
  useEffect(() => {
    const onKey = (event) => {
      if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented) return;
      const inside = root.current?.contains(event.target);
      if (!inside && event.target !== document.body && event.target.id !== "main") return;
      const links = [...(root.current?.querySelectorAll("[data-row] a[data-open]") ?? [])];
      const row = event.target.closest?.("[data-row]");
      const at = row ? links.indexOf(row.querySelector("a[data-open]")) : -1;
      const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
      if (step) {
        const next = links[Math.min(links.length - 1, Math.max(0, at + step))];
        if (next) {
          event.preventDefault();
          next.focus();
        }
      } else if ((event.key === " " || event.key === "x") && row && event.target.matches("a[data-open]")) {
        event.preventDefault();
        row.querySelector("input[type=checkbox]")?.click();
      }
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return (
    <div ref={root} className="rows">
      {children}
    </div>
  );
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

const WIDTH = 1000;
const HEIGHT = 120;

/** Bars per day; every bar tells its day and number, and the whole is summed up for those who cannot see it. */
export function DayBars({ days, label }) {
  const highest = Math.max(1, ...days.map(({ documents }) => documents));
  const step = WIDTH / Math.max(1, days.length);
  const total = days.reduce((sum, { documents }) => sum + documents, 0);
  return (
    <figure className="chart">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${label}: ${total.toLocaleString("en")} in ${days.length} days, at most ${highest} a day`}
      >
        {days.map(({ day, documents }, index) => (
          <g key={day} className="chart-day">
            <title>{`${words(day)}: ${documents.toLocaleString("en")}`}</title>
            <rect className="chart-hit" x={index * step} y={0} width={step} height={HEIGHT} />
            <rect
              className={documents ? "chart-bar" : "chart-none"}
              x={index * step + step * 0.15}
              y={documents ? HEIGHT - Math.max(4, (documents / highest) * HEIGHT) : HEIGHT - 2}
              width={step * 0.7}
              height={documents ? Math.max(4, (documents / highest) * HEIGHT) : 2}
            />
          </g>
        ))}
      </svg>
      <figcaption className="chart-axis">
        <span>{days.length > 0 ? words(days[0].day) : ""}</span>
        <span>Today</span>
      </figcaption>
    </figure>
  );
}

const words = (day) =>
  new Date(`${day}T00:00:00`).toLocaleDateString("en-GB", { day: "numeric", month: "short" });
