// What every page of the desk does: asking the server with the form token, and reporting that its window is open.
export const token = document.querySelector("meta[name=provscan-token]").content;

/** POST `fields` (an object, or a FormData) and return the answer's data. Throws an Error with the server's sentence. */
export async function post(path, fields = {}) {
  const body = new URLSearchParams(fields instanceof FormData ? fields : Object.entries(fields));
  const answer = await fetch(path, { method: "POST", body, headers: { "X-Provscan-Token": token, Accept: "application/json" } });
  const data = await answer.json();
  if (!answer.ok) throw new Error(data.error ?? answer.statusText);
  return data;
}

const name = crypto.randomUUID();
const ended = document.createElement("p");
ended.className = "fault ended";
ended.setAttribute("role", "alert");
ended.textContent = "The desk has ended, and this window shows its last state. Start provscan desk again to go on.";
const report = () => post("/windows/open", { window: name }).then(() => ended.remove(), () => document.querySelector("main").prepend(ended));
addEventListener("pageshow", report);
addEventListener("pagehide", () => navigator.sendBeacon("/windows/closed", new URLSearchParams({ window: name, token })));
setInterval(report, 10000);
report();
