// One page of a document: a picture in a box of its final size, and its words above it, to select and to mark.
import { memo, useEffect, useState } from "react";
import { fetchJson, useSettled, whyNot } from "$/clasio/pages";

const PARTS = 10_000;
const BASELINE = 0.78; // of a letter's box, from above

/** Only a page that `isNear` has a picture and words; the box stays. */
export const Page = memo(function Page({ url, number, of, name, size, isNear, query }) {
  const isWanted = useSettled(isNear);
  const [width, height] = size;
  return (
    <div className="view-page" role="group" data-page={number} aria-label={`Page ${number} of ${of}`} style={{ aspectRatio: `${width} / ${height}` }}>
      {isWanted ? (
        <Drawn url={`${url}/${number}`} number={number} alt={`Page ${number} of ${name}`} ratio={height / width} query={query} />
      ) : (
        <p className="view-word">Page {number}</p>
      )}
    </div>
  );
});

function Drawn({ url, number, alt, ratio, query }) {
  const [state, setState] = useState("loading");
  const [why, setWhy] = useState("");
  const [attempt, setAttempt] = useState(0);
  const picture = `${url}?size=page`;
  const fail = async () => {
    setWhy(await whyNot(picture));
    setState("failed");
  };
  const again = () => {
    setState("loading");
    setAttempt(attempt + 1);
  };
  if (state === "failed") {
    return (
      <div className="view-word" role="alert">
        <p className="strong">Page {number} cannot be shown</p>
        <p className="quiet">{why}</p>
        <button type="button" className="button" onClick={again}>
          Try again
        </button>
      </div>
    );
  }
  return (
    <>
      {state === "loading" && <p className="view-word">Drawing page {number} …</p>}
      <img key={attempt} src={picture} alt={alt} draggable={false} data-state={state} onLoad={() => setState("shown")} onError={fail} />
      {state === "shown" && <Words url={`${url}/words${query && `?q=${encodeURIComponent(query)}`}`} ratio={ratio} />}
    </>
  );
}

/** Lines of [word, left, top, width, height, is it a hit]; without them the picture is all there is. */
function Words({ url, ratio }) {
  const [lines, setLines] = useState([]);
  useEffect(() => {
    const stop = new AbortController();
    fetchJson(url, stop.signal).then(setLines, () => {});
    return () => stop.abort();
  }, [url]);
  if (lines.length === 0) return null;
  const hits = lines.flat().filter((word) => word[5]);
  return (
    <svg className="view-text" viewBox={`0 0 ${PARTS} ${PARTS * ratio}`} preserveAspectRatio="none">
      {hits.map(([word, left, top, width, height]) => (
        <rect key={`${word} ${left} ${top}`} className="view-mark" x={left} y={top * ratio} width={width} height={height * ratio} />
      ))}
      {lines.map((line, index) => (
        <Line key={index} words={line} ratio={ratio} />
      ))}
    </svg>
  );
}

function Line({ words, ratio }) {
  const [, , top, , height] = words[0];
  return (
    <text y={(top + height * BASELINE) * ratio} fontSize={height * ratio}>
      {words.map(([word, left, , width]) => (
        <tspan key={left} x={left} textLength={width} lengthAdjust="spacingAndGlyphs">
          {word}
        </tspan>
      )).flatMap((word, index) => (index > 0 ? [" ", word] : [word]))}
    </text>
  );
}

/** A page in the strip: its number and, near what is in view, a small picture. */
export const Thumbnail = memo(function Thumbnail({ url, number, size, isNear, isCurrent, onOpen }) {
  const isWanted = useSettled(isNear);
  return (
    <button
      type="button"
      className="view-thumb"
      data-page={number}
      aria-label={`Go to page ${number}`}
      aria-current={isCurrent ? "page" : undefined}
      onClick={() => onOpen(number)}
    >
      <span className="view-thumb-box" style={{ aspectRatio: `${size[0]} / ${size[1]}` }}>
        {isWanted && <img src={`${url}/${number}?size=thumbnail`} alt="" draggable={false} />}
      </span>
      <span aria-hidden="true">{number}</span>
    </button>
  );
});
