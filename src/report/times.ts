import { durationText } from './figures.ts';

const DAY_MS = 86_400_000;

/** `5m ago` for a recent time, else date and time in the local zone. */
export function agoText(iso: string, nowMs: number): string {
  const ageMs = nowMs - Date.parse(iso);
  if (ageMs < 0 || ageMs >= DAY_MS) return localTime(iso);
  return ageMs < 1000 ? 'just now' : `${durationText(Math.floor(ageMs / 1000) * 1000).replace(/\.\d+|[ ]\d+[ms]$/g, '')} ago`;
}

/** `2026-11-21 14:03` in the local zone. */
export function localTime(iso: string): string {
  const time = new Date(iso);
  const [month, day, hours, minutes] = [time.getMonth() + 1, time.getDate(), time.getHours(), time.getMinutes()].map((part) =>
    String(part).padStart(2, '0'),
  );
  return `${time.getFullYear()}-${month}-${day} ${hours}:${minutes}`;
}
