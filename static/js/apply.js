// The applicant's form shows the questions of the chosen grade alone.
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
