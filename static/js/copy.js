// A button copies the text of the field that it names.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", () => {
    document.getElementById(button.dataset.copy).select();
    if (document.execCommand("copy")) button.textContent = button.dataset.copied;
  });
}
