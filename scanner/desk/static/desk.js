// What every page of the desk does: asking the server with the form token.
export const token = document.querySelector("meta[name=provscan-token]").content;

/** POST `fields` (an object, or a FormData) and return the answer's data. Throws an Error with the server's sentence. */
export async function post(path, fields = {}) {
  const body = new URLSearchParams(fields instanceof FormData ? fields : Object.entries(fields));
  const answer = await fetch(path, { method: "POST", body, headers: { "X-Provscan-Token": token, Accept: "application/json" } });
  const data = await answer.json();
  if (!answer.ok) throw new Error(data.error ?? answer.statusText);
  return data;
}
