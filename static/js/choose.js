// The rows of a list are ticked at once, and the button says how many are.
const tell = () => {
  for (const button of document.querySelectorAll("[data-chosen]")) {
    const count = button.form.querySelectorAll("input[name=id]:checked").length;
    button.disabled = count === 0;
    button.textContent = count ? `${button.dataset.words} (${count})` : button.dataset.words;
  }
};
document.addEventListener("change", (event) => {
  const all = event.target.closest("[data-choose-all]");
  if (all) for (const box of all.form.querySelectorAll("input[name=id]")) box.checked = all.checked;
  tell();
});
document.addEventListener("htmx:afterSwap", tell);
tell();
