// Lists of paths: a further line when the last one is filled, and a dialog that shows the names in folders.
import { post } from "/static/desk.js";

const dialog = document.createElement("dialog");
dialog.className = "browser";
dialog.setAttribute("aria-labelledby", "browser-title");
const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};
const title = element("h2", { id: "browser-title", textContent: "Choose a folder" });
const starts = element("p", { className: "starts" });
const place = element("p", { className: "path" });
place.setAttribute("aria-live", "polite");
const fault = element("p", { className: "fault", hidden: true });
fault.setAttribute("role", "alert");
const list = element("ul");
const take = element("button", { type: "button", className: "main", textContent: "Choose this folder" });
const cancel = element("button", { type: "button", textContent: "Cancel" });
dialog.append(title, starts, place, fault, list, element("p", { className: "actions" }, take, " ", cancel));
document.body.append(dialog);

let field = null;
let kind = "folder";
let at = "";

const choose = (path) => {
  field.value = path;
  dialog.close();
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
};

const row = (text, action, className) => {
  const button = element("button", { type: "button", className, textContent: text });
  button.addEventListener("click", action);
  return element("li", {}, button);
};

async function show(path, go = "") {
  let found;
  try {
    found = await post("/browse", { at: path, go, kind });
  } catch (error) {
    fault.textContent = error.message;
    fault.hidden = false;
    return;
  }
  fault.hidden = true;
  at = found.path;
  place.textContent = found.path;
  starts.replaceChildren(...found.starts.map((one) => {
    const button = element("button", { type: "button", className: "plain", textContent: one });
    button.addEventListener("click", () => show(one));
    return button;
  }));
  const separator = found.path.includes("\\") ? "\\" : "/";
  const rows = [];
  if (found.above) rows.push(row("..", () => show(at, ".."), "up"));
  for (const one of found.folders) rows.push(row(one.shown, () => show(at, one.name), "folder"));
  for (const one of found.files) rows.push(row(one.shown, () => choose(at.replace(/[\\/]$/, "") + separator + one.name), "file"));
  if (!found.folders.length && !found.files.length) rows.push(element("li", { className: "note", textContent: "Nothing to choose in here." }));
  if (found.is_cut) rows.push(element("li", { className: "note", textContent: "There is more than is shown: type the path." }));
  list.replaceChildren(...rows);
  take.hidden = kind !== "folder";
  list.querySelector("button")?.focus();
}

take.addEventListener("click", () => choose(at));
cancel.addEventListener("click", () => dialog.close());

document.addEventListener("click", (event) => {
  const button = event.target.closest("button.browse");
  if (!button) return;
  field = document.getElementById(button.dataset.for);
  kind = button.dataset.kind;
  title.textContent = kind === "folder" ? "Choose a folder" : "Choose a file";
  dialog.showModal();
  show(field.value);
});

// The last line of a list stays empty.
document.addEventListener("input", (event) => {
  const lines = event.target.closest("fieldset.paths");
  if (!lines) return;
  const last = [...lines.querySelectorAll(".pick")].at(-1);
  if (!last.querySelector("input").value) return;
  const next = last.cloneNode(true);
  const number = lines.querySelectorAll(".pick").length;
  const input = next.querySelector("input");
  input.value = "";
  input.id = `${lines.dataset.name}-${number}`;
  input.setAttribute("aria-label", `${lines.querySelector("legend").textContent}, path ${number + 1}`);
  next.querySelector("button").dataset.for = input.id;
  last.after(next);
});

for (const button of document.querySelectorAll("button.browse")) button.hidden = false;
