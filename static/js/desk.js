// The desk: a whole row opens its object; by keyboard through a list, into a row, to the next and the main action. And the dense mode, and the menu. All are kept in this browser.
const help = document.getElementById("keys");
const on = () => localStorage.getItem("keys") !== "off";
const typing = (target) => target.closest("input, select, textarea, [contenteditable]") !== null;
const rows = () => [...document.querySelectorAll("[data-row]")];
const step = (by) => {
  const links = rows();
  const here = links.indexOf(document.activeElement);
  const next = links[Math.min(Math.max(here + by, 0), links.length - 1)];
  if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
};
const acts = {
  j: () => step(1),
  k: () => step(-1),
  o: () => { if (rows().includes(document.activeElement)) document.activeElement.click(); },
  n: () => document.querySelector("[rel=next]")?.click(),
  a: () => document.querySelector(".next-step .btn-main, .next-step .btn")?.focus(),
  "/": () => document.querySelector("input[type=search]")?.focus(),
  s: () => document.getElementById("search-open")?.click(),
  "?": () => help?.showModal(),
};
document.addEventListener("click", (event) => {
  const link = event.target.closest("tr")?.querySelector("[data-row]");
  if (!link || event.target.closest("a, button, input, label, select, summary") || getSelection().toString()) return;
  if (event.ctrlKey || event.metaKey) open(link.href); else link.click();
});
document.addEventListener("keydown", (event) => {
  if (!on() || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || help?.open) return;
  const act = acts[event.key];
  if (act) { event.preventDefault(); act(); }
});

const keys = document.getElementById("keys-on");
if (keys) {
  keys.checked = on();
  keys.addEventListener("change", () => localStorage.setItem("keys", keys.checked ? "on" : "off"));
}
document.getElementById("keys-open")?.addEventListener("click", () => help?.showModal());
document.getElementById("keys-close")?.addEventListener("click", () => help?.close());

const dense = document.getElementById("dense");
const show = () => {
  const wanted = localStorage.getItem("dense") !== "off";
  document.documentElement.toggleAttribute("data-dense", wanted);
  dense?.setAttribute("aria-pressed", String(wanted));
};
dense?.addEventListener("click", () => { localStorage.setItem("dense", localStorage.getItem("dense") === "off" ? "on" : "off"); show(); });
show();

// The menu: beside the page on a wide screen, where it can be put away; before it on a narrow one, where a link or Escape closes it.
const menu = document.getElementById("menu-open");
const wide = matchMedia("(min-width: 64rem)");
const place = () => {
  const closed = localStorage.getItem("menu") === "closed";
  document.documentElement.dataset.menu = closed ? "closed" : "open";
  if (wide.matches) menu?.setAttribute("aria-expanded", String(!closed)); else menu?.removeAttribute("aria-expanded");
};
menu?.addEventListener("click", (event) => {
  if (!wide.matches) return;
  event.preventDefault();
  localStorage.setItem("menu", localStorage.getItem("menu") === "closed" ? "open" : "closed");
  place();
});
document.addEventListener("keydown", (event) => { if (event.key === "Escape" && location.hash === "#desk-nav") location.hash = "main"; });
wide.addEventListener("change", place);
place();
