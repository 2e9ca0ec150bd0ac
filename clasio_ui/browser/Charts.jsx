// Small charts, drawn as SVG with attributes only: no library, and nothing that the content security policy forbids.
const WIDTH = 1000;
const HEIGHT = 120;
const LEAST = 4;

/** What a day can tell, in the order of its bars: (key, name, class). */
const SERIES = [
  ["uploads", "Documents", "chart-bar"],
  ["analyses", "Analyses", "chart-bar-second"],
];

/** Two bars per day, left documents, right analyses; each day says its numbers, and the whole is summed up in words. */
export function DayBars({ days, label, endLabel }) {
  const highest = Math.max(1, ...days.flatMap((each) => SERIES.map(([key]) => each[key])));
  const step = WIDTH / Math.max(1, days.length);
  const sums = SERIES.map(([key, name]) => `${number(days.reduce((sum, each) => sum + each[key], 0))} ${name.toLowerCase()}`);
  return (
    <figure className="chart">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${label}: ${sums.join(" and ")} in ${days.length} days, at most ${number(highest)} a day`}
      >
        {days.map((each, index) => (
          <g key={each.day} className="chart-day">
            <title>{inWords(each)}</title>
            <rect className="chart-hit" x={index * step} y={0} width={step} height={HEIGHT} />
            {SERIES.map(([key, , kind], place) => (
              <Bar key={key} value={each[key]} highest={highest} kind={kind} x={(index + 0.14 + place * 0.38) * step} width={step * 0.34} />
            ))}
          </g>
        ))}
      </svg>
      <figcaption>
        <div className="chart-axis">
          <span>{days.length > 0 ? words(days[0].day) : ""}</span>
          <span>{endLabel || (days.length > 0 ? words(days[days.length - 1].day) : "")}</span>
        </div>
        <ul className="chart-legend" aria-hidden="true">
          {SERIES.map(([key, name, kind], place) => (
            <li key={key}>
              <svg viewBox="0 0 12 12" className="chart-mark">
                <rect className={kind} width={12} height={12} rx={2} />
              </svg>
              {sums[place]}
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  );
}

function Bar({ value, highest, kind, x, width }) {
  const height = value ? Math.max(LEAST, (value / highest) * HEIGHT) : 2;
  return <rect className={value ? kind : "chart-none"} x={x} y={HEIGHT - height} width={width} height={height} />;
}

/** How much of a limit is used, what the forecast adds, and lines where the owners are told. All in percent. */
export function MeterBar({ percent, forecast, lines, tone, label }) {
  const expected = Math.min(100, Math.max(percent, forecast));
  return (
    <svg className={`meter-bar meter-${tone}`} viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label={label}>
      <rect className="meter-track" width={100} height={8} />
      {expected > percent && <rect className="meter-ahead" x={percent} width={expected - percent} height={8} />}
      <rect className="meter-used" width={percent} height={8} />
      {lines.map((line) => (
        <line key={line} className="meter-line" x1={line} x2={line} y1={0} y2={8} />
      ))}
    </svg>
  );
}

const number = (value) => value.toLocaleString("en");

const inWords = (each) => {
  const counted = SERIES.map(([key, name]) => `${number(each[key])} ${name.toLowerCase()}`).join(", ");
  return `${words(each.day)}: ${each.is_ahead ? "not yet" : counted}`;
};

const words = (day) =>
  new Date(`${day}T00:00:00`).toLocaleDateString("en-GB", { day: "numeric", month: "short" });
