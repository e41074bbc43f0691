// Asks for the list of folders, which can take a while, and shows it.
import { token } from "/static/desk.js";

const list = document.getElementById("list");
const answer = await fetch(list.dataset.address, { method: "POST", body: new URLSearchParams(), headers: { "X-Provscan-Token": token, Accept: "text/html, application/json" } });
if (answer.ok) {
  // Rendered by the server, escaped; the page's policy runs no script but ours.
  list.innerHTML = await answer.text();
  list.querySelector("select")?.focus();
} else {
  const fault = document.createElement("p");
  fault.className = "fault";
  fault.setAttribute("role", "alert");
  fault.textContent = (await answer.json()).error;
  list.replaceChildren(fault);
}
