// Follows a running scan. When it ends, the page is loaded again.
const panel = document.getElementById("progress");
if (panel) {
  const state = document.getElementById("state");
  const stages = document.getElementById("stages");
  const item = document.getElementById("item");
  const words = { running: "Scanning", stopping: "Stopping: the files that are being examined are finished or given up" };
  const time = (seconds) => {
    const whole = Math.round(seconds);
    return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
  };
  const line = (one, isLast) => {
    const made = document.createElement("li");
    const name = document.createElement("b");
    name.textContent = one.stage;
    const count = document.createElement("span");
    count.textContent = one.total == null ? `${one.done.toLocaleString("en")}` : `${one.done.toLocaleString("en")} of ${one.total.toLocaleString("en")}`;
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.setAttribute("aria-label", one.stage);
    if (!isLast) bar.value = 1;
    else if (one.share != null) bar.value = one.share;
    const left = document.createElement("span");
    left.textContent = isLast && one.seconds_left != null ? `${time(one.seconds_left)} left` : time(one.seconds);
    made.append(name, bar, count, left);
    return made;
  };
  const follow = new EventSource(panel.dataset.address);
  follow.addEventListener("message", (event) => {
    const run = JSON.parse(event.data);
    const last = run.stages.at(-1);
    state.textContent = `${words[run.state] ?? "Ended"}${last ? `: ${last.stage}` : ""}`;
    stages.replaceChildren(...run.stages.map((one, index) => line(one, index === run.stages.length - 1)));
    item.textContent = last?.item ?? "";
    if (!words[run.state]) {
      follow.close();
      location.reload();
    }
  });
}
