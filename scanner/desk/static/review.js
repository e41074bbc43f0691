// The review of one file: keys, the player of frames and sound, and the picture laid over its reference.
const at = (id) => document.getElementById(id);
const base = document.querySelector(".subject")?.dataset.base;
const viewer = at("viewer");

/** The frames of a span, shown one at a time by a clock; the sound follows them. */
class Player {
  constructor(image, label) {
    this.image = image;
    this.label = label;
    this.frames = [];
    this.labels = [];
    this.marked = [0, 0];
    this.number = 0;
    this.playing = false;
    this.sound = null;
  }

  load(data) {
    this.stop();
    this.frames = data.frames.map((source) => Object.assign(new Image(), { src: source }));
    this.labels = data.labels;
    this.rate = data.rate;
    this.marked = [data.from, data.to];
    this.sound = data.sound ? new Audio(data.sound) : null;
    this.image.hidden = !this.frames.length;
    this.show(Math.min(data.from, this.last));
  }

  get last() {
    return Math.max(0, (this.frames.length || this.labels.length) - 1);
  }

  show(number) {
    this.number = Math.max(0, Math.min(this.last, number));
    if (this.frames.length) this.image.src = this.frames[this.number].src;
    const inside = this.number >= this.marked[0] && this.number < this.marked[1];
    this.label.textContent = (this.labels[this.number] ?? "") + (inside ? " · the finding" : "");
    this.label.className = inside ? "inside" : "";
    this.onframe?.(this.number);
  }

  toggle() {
    if (this.playing) return this.stop();
    if (this.frames.length && this.number >= this.last) this.show(0);
    this.playing = true;
    const begin = performance.now() - (this.number / this.rate) * 1000;
    if (this.sound) {
      this.sound.currentTime = this.number / this.rate;
      this.sound.play().catch(() => {});
      this.sound.onended = () => this.stop();
    }
    const step = (now) => {
      if (!this.playing) return;
      const number = Math.floor(((now - begin) / 1000) * this.rate);
      if (this.frames.length && number > this.last) return this.stop();
      if (this.frames.length && number !== this.number) this.show(number);
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
    this.onstate?.(true);
  }

  stop() {
    this.playing = false;
    this.sound?.pause();
    this.onstate?.(false);
  }
}

const own = viewer && new Player(at("frame"), at("label"));
const other = viewer && new Player(at("other-frame"), at("other-label"));

async function ask(path) {
  at("said").textContent = "Reading the media…";
  const answer = await fetch(`${base}/${path}`, { headers: { Accept: "application/json" } });
  const data = await answer.json();
  at("said").textContent = answer.ok ? "" : data.error;
  return answer.ok ? data : null;
}

function view(name) {
  viewer.hidden = false;
  for (const image of viewer.querySelectorAll(".stage img")) image.removeAttribute("src");
  at("own").hidden = at("controls").hidden = name !== "player";
  at("compare").hidden = at("views").hidden = name !== "compare";
  if (name !== "player") at("other").hidden = true;
  viewer.scrollIntoView({ block: "start" });
}

async function watch(button) {
  view("player");
  const data = await ask(`excerpt/${button.dataset.mark}`);
  if (!data) return;
  own.load(data);
  at("seek").max = own.last;
  at("own").hidden = false;
  at("listen").hidden = true;
  at("play").focus();
  if (!("beside" in button.dataset)) return;
  const beside = await ask(`excerpt/${button.dataset.mark}?of=reference`);
  if (!beside) return;
  other.load(beside);
  at("other").hidden = false;
  at("listen").hidden = !beside.sound;
}

async function lay(button) {
  view("compare");
  const data = await ask(`overlay/${button.dataset.mark}`);
  if (!data) return;
  at("over").src = data.left;
  at("under").src = data.right;
  const boxes = button.dataset.boxes.split(";").filter(Boolean).map((box) => box.split(","));
  at("boxes").replaceChildren(...boxes.map(([x, y, width, height]) => {
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [name, value] of Object.entries({ x, y, width, height })) rect.setAttribute(name, value);
    return rect;
  }));
  at("outline").hidden = !boxes.length;
  share(50);
  at("compare").focus();
}

function share(percent) {
  const value = Math.max(0, Math.min(100, percent));
  at("compare").setAttribute("aria-valuenow", Math.round(value));
  at("over").style.clipPath = `inset(0 ${100 - value}% 0 0)`;
}

const shared = () => Number(at("compare").getAttribute("aria-valuenow"));
let blinking = 0;

function press(button, on) {
  button.setAttribute("aria-pressed", on);
  return on;
}

const pressed = (button) => button.getAttribute("aria-pressed") === "true";

function blink(on) {
  clearInterval(blinking);
  press(at("blink"), on);
  press(at("slide"), !on);
  share(on ? 100 : 50);
  if (on) blinking = setInterval(() => share(shared() ? 0 : 100), 500);
}

if (viewer) {
  own.onframe = (number) => (at("seek").value = number);
  own.onstate = (playing) => (at("play").firstChild.textContent = playing ? "Pause " : "Play ");
  other.onstate = (playing) => (at("listen").firstChild.textContent = playing ? "Stop the reference " : "Hear the reference ");
  at("play").onclick = () => { other.stop(); own.toggle(); };
  at("listen").onclick = () => { own.stop(); other.toggle(); };
  at("back").onclick = () => { own.stop(); own.show(own.number - 1); };
  at("forth").onclick = () => { own.stop(); own.show(own.number + 1); };
  at("seek").oninput = () => { own.stop(); own.show(Number(at("seek").value)); };
  for (const button of document.querySelectorAll(".watch")) button.onclick = () => watch(button);
  for (const button of document.querySelectorAll(".lay")) button.onclick = () => lay(button);
  at("slide").onclick = () => blink(false);
  at("blink").onclick = () => blink(!pressed(at("blink")));
  at("outline").onclick = () => at("boxes").toggleAttribute("hidden", !press(at("outline"), !pressed(at("outline"))));
  at("zoom").onclick = () => at("compare").classList.toggle("zoomed", press(at("zoom"), !pressed(at("zoom"))));
  const move = (event) => {
    if (event.buttons !== 1 && event.type !== "pointerdown") return;
    const box = at("over").getBoundingClientRect();
    if (!pressed(at("blink"))) share(((event.clientX - box.left) / box.width) * 100);
  };
  at("compare").onpointerdown = at("compare").onpointermove = move;
  at("compare").onkeydown = (event) => {
    const step = { ArrowLeft: -5, ArrowRight: 5, Home: -100, End: 100 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    share(shared() + step);
  };
  at("keys").onclick = () => at("help").showModal();
  const list = document.querySelector(".agenda");
  const current = list?.querySelector("[aria-current]");
  if (current) list.scrollTop = current.offsetTop - (list.clientHeight - current.offsetHeight) / 2; // the page stays
}

at("undo")?.addEventListener("submit", (event) => {
  const { words, path } = event.target.dataset;
  if (!words.includes(path) && !confirm(`The last step was about another file. Undo it?\n${words}`)) event.preventDefault();
});

const keys = {
  j: () => at("after")?.href && at("after").click(),
  k: () => at("before")?.href && at("before").click(),
  p: () => document.querySelector(".watch")?.click(),
  c: () => document.querySelector(".lay")?.click(),
  " ": () => !at("own")?.hidden && at("play")?.click(),
  ",": () => at("back")?.click(),
  ".": () => at("forth")?.click(),
  r: () => at("listen")?.hidden === false && at("listen").click(),
  s: () => at("slide")?.click(),
  b: () => at("blink")?.click(),
  o: () => at("outline")?.click(),
  z: () => at("zoom")?.click(),
  d: () => {
    const details = document.querySelector(".decision details");
    if (details) details.open = true;
    (document.querySelector(".decision input[type=radio]") ?? document.querySelector(".decision"))?.focus();
  },
  u: () => at("undo")?.requestSubmit(),
  "?": () => at("help")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=radio], [type=range]), textarea, select, dialog");
  const pressing = event.key === " " && event.target.closest("button, summary, a, input");
  if (typing || pressing || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
  event.preventDefault();
  keys[event.key]();
});
