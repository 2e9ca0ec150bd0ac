// Numbers, sizes and times in words. Words are English, so dates are too; times are in the viewer's zone.

const UNITS = [
  ["GB", 1e9],
  ["MB", 1e6],
  ["KB", 1e3],
];

/** 1234567 → "1.2 MB" (1 MB = 1,000,000 bytes, as in the plans). */
export const size = (bytes) => {
  for (const [unit, factor] of UNITS) {
    if (bytes >= factor) {
      const digits = bytes >= 100 * factor ? 0 : 1;
      return `${(bytes / factor).toLocaleString("en", { maximumFractionDigits: digits })} ${unit}`;
    }
  }
  return bytes === 1 ? "1 byte" : `${bytes} bytes`;
};

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** "just now", "5 minutes ago", "yesterday", "12 Nov", "12 Nov 2025". */
export const ago = (moment, now) => {
  const seconds = Math.round((moment - now) / 1000);
  const distance = Math.abs(seconds);
  if (distance < 45) return "just now";
  if (distance < HOUR) return relative.format(Math.trunc(seconds / MINUTE) || Math.sign(seconds), "minute");
  if (distance < DAY) return relative.format(Math.trunc(seconds / HOUR), "hour");
  if (distance < 7 * DAY) return relative.format(Math.round(seconds / DAY), "day");
  return day(moment, moment.getFullYear() !== now.getFullYear());
};

export const day = (moment, withYear = true) =>
  moment.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: withYear ? "numeric" : undefined });

/** "Today", "Yesterday", "Monday, 23 November", "23 November 2025". */
export const dayInWords = (moment, now) => {
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (moment.toDateString() === now.toDateString()) return "Today";
  if (moment.toDateString() === yesterday.toDateString()) return "Yesterday";
  const isThisYear = moment.getFullYear() === now.getFullYear();
  return moment.toLocaleDateString("en-GB", {
    weekday: isThisYear ? "long" : undefined,
    day: "numeric",
    month: "long",
    year: isThisYear ? undefined : "numeric",
  });
};

/** "Mon, 23 Nov 2026, 18:04:09 CET" */
export const exactly = (moment) =>
  moment.toLocaleString("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  });
