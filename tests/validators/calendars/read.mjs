// Print each calendar named on the command line as ical.js and node-ical see it: one JSON object
// per file and library, events by UID, instants in UTC.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";
import ical from "node-ical";

function icaljs(text) {
  const events = {};
  // A message may hold several calendars.
  for (const root of [ICAL.parse(text)].flatMap((found) => (Array.isArray(found[0]) ? found : [found]))) {
    const calendar = new ICAL.Component(root);
    for (const zone of calendar.getAllSubcomponents("vtimezone")) ICAL.TimezoneService.register(zone);
    for (const component of calendar.getAllSubcomponents("vevent")) {
      const value = (name) => component.getFirstPropertyValue(name);
      const alarm = component.getFirstSubcomponent("valarm");
      events[value("uid")] = {
        start: value("dtstart").toJSDate().toISOString(),
        end: value("dtend").toJSDate().toISOString(),
        zone: value("dtstart").zone.tzid,
        summary: value("summary"),
        location: value("location"),
        status: value("status"),
        sequence: value("sequence"),
        method: calendar.getFirstPropertyValue("method"),
        alarm: alarm ? alarm.getFirstPropertyValue("trigger").toString() : null,
      };
    }
  }
  return events;
}

function nodeical(text) {
  const found = ical.sync.parseICS(text);
  const events = {};
  for (const event of Object.values(found).filter((one) => one.type === "VEVENT")) {
    events[event.uid] = {
      start: event.start.toISOString(),
      end: event.end.toISOString(),
      zone: event.start.tz,
      summary: event.summary,
      location: event.location ?? null,
      status: event.status,
      sequence: Number(event.sequence),
      method: event.method ?? found.vcalendar?.method ?? null,
      alarm: event.alarms?.[0]?.trigger ?? null,
    };
  }
  return events;
}

for (const path of process.argv.slice(2)) {
  const text = readFileSync(path, "utf8");
  console.log(JSON.stringify({ path, icaljs: icaljs(text), nodeical: nodeical(text) }));
}
