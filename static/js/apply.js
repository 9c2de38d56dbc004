// The applicant's form: the questions of the chosen grade alone, and a draft that saves itself as it is typed.
const grade = document.getElementById("grade");
if (grade) {
  const choose = () => {
    for (const item of document.querySelectorAll("[data-grade]")) {
      item.closest(".field").hidden = item.dataset.grade !== grade.value.split(":")[0];
    }
  };
  grade.addEventListener("change", choose);
  choose();
}

const form = document.getElementById("apply");
if (form) {
  const seen = JSON.parse(form.dataset.revisions);
  const changed = new Set();
  const state = document.getElementById("draft-state");
  const kept = (field) => field.name && !["checkbox", "file", "hidden", "submit"].includes(field.type);
  let waiting = 0;

  const offer = (name, words) => {
    const field = form.elements[name];
    if (!field || !words || words === field.value) return;
    const box = field.closest(".field");
    if ([...box.querySelectorAll(".rival")].some((other) => other.dataset.words === words)) return;
    const line = document.createElement("p");
    line.className = "rival";
    line.dataset.words = words;
    box.append(line);
    const use = document.createElement("button");
    use.type = "button";
    use.className = "btn btn-outline";
    use.textContent = form.dataset.use;
    use.addEventListener("click", () => { field.value = words; field.dispatchEvent(new Event("input", { bubbles: true })); line.remove(); });
    line.replaceChildren(`${form.dataset.rival} “${words}” `, use);
  };

  const learn = (answer) => {
    for (const [name, merged] of Object.entries(answer.saved)) {
      seen[name] = merged.revision;
      for (const words of merged.rivals) offer(name, words);
    }
    for (const [name, other] of Object.entries(answer.news)) {
      const field = form.elements[name];
      seen[name] = other.revision;
      if (field && !field.value && document.activeElement !== field) field.value = other.value;
      else offer(name, other.value);
    }
  };

  const save = async () => {
    waiting = 0;
    const names = [...changed];
    changed.clear();
    const body = new FormData();
    body.set("csrf_token", form.elements.csrf_token.value);
    body.set("form_key", form.elements.form_key.value);
    body.set("changed", JSON.stringify(names.map((name) => [name, form.elements[name].value, seen[name] ?? 0])));
    body.set("seen", JSON.stringify(seen));
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body });
      if (!answer.ok) throw new Error(answer.status);
      learn(await answer.json());
      state.textContent = form.dataset.saved;
    } catch {
      for (const name of names) changed.add(name);
      state.textContent = "";
    }
  };

  form.addEventListener("input", (event) => {
    if (!kept(event.target)) return;
    changed.add(event.target.name);
    clearTimeout(waiting);
    waiting = setTimeout(save, 800);
  });
  form.addEventListener("submit", () => { form.elements.seen.value = JSON.stringify(seen); });
  document.addEventListener("visibilitychange", () => { if (changed.size && document.visibilityState === "hidden") save(); });
}
