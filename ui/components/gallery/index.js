// Shows poses as small maps with their names; a click on one picks it.
const SHOWN = new WeakMap();

function tile(item, chosen, pick) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = item.id === chosen ? "pose chosen" : "pose";
  button.title = item.name;
  button.setAttribute("aria-pressed", item.id === chosen);
  const image = document.createElement("img");
  image.loading = "lazy";
  image.alt = "";
  image.src = item.thumb;
  const name = document.createElement("span");
  name.textContent = item.name;
  button.append(image, name);
  button.onclick = () => pick(item.id);
  return button;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".root");
  const key = JSON.stringify(data.items.map((item) => [item.id, item.name, item.thumb.length]));
  if (SHOWN.get(parentElement) === key) {
    [...root.children].forEach((button, index) => {
      const is = data.items[index].id === data.chosen;
      button.classList.toggle("chosen", is);
      button.setAttribute("aria-pressed", is);
    });
    return;
  }
  SHOWN.set(parentElement, key);
  const pick = (id) => setTriggerValue("pick", id);
  root.replaceChildren(...data.items.map((item) => tile(item, data.chosen, pick)));
}
