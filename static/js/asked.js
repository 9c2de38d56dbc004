// What htmx brings is told to who does not see it; what it could not bring is told to everybody.
const told = document.getElementById("told");
const say = (words) => { if (told.textContent !== words) told.textContent = words; };

document.addEventListener("htmx:afterSwap", ({ detail: { target } }) => {
  if (target.id === "rows") {
    const count = target.querySelectorAll("tbody tr").length;
    say(count ? told.dataset.shown.replace("0", count) : target.textContent.trim());
  } else if ("told" in target.dataset && !target.querySelector("progress, .waiting")) {
    say(target.querySelector("h2, p")?.textContent.trim() ?? "");
  }
});

const unanswered = ({ detail: { target } }) => {
  document.getElementById("unanswered")?.remove();
  const line = document.createElement("p");
  line.id = "unanswered";
  line.className = "notice notice-fault";
  line.setAttribute("role", "alert");
  line.textContent = told.dataset.unanswered;
  target.before(line);
};
for (const kind of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(kind, unanswered);
document.addEventListener("htmx:afterSwap", () => document.getElementById("unanswered")?.remove());
