// Shows one picture large and the others of its job below; a click on a small one chooses it.
const STATE = new WeakMap();

function button(item, index, chosen, pick) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = index === chosen ? "small chosen" : "small";
  element.setAttribute("aria-pressed", index === chosen);
  element.setAttribute("aria-label", `Picture ${index + 1}`);
  const image = document.createElement("img");
  image.src = item.thumb;
  image.alt = "";
  element.append(image);
  element.onclick = () => pick(index);
  return element;
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".root");
  const key = JSON.stringify(data);
  if (STATE.get(parentElement) === key) return;
  STATE.set(parentElement, key);
  const item = data.items[data.chosen];
  root.innerHTML = `<a class="frame" target="_blank" rel="noopener"
    title="Open the original" style="aspect-ratio:${item.width}/${item.height}"><img></a>
    <div class="strip" role="group" aria-label="Pictures of this job"></div>`;
  root.querySelector("a").href = item.full;
  const image = root.querySelector("a img");
  image.alt = item.alt;
  image.style.backgroundImage = `url("${item.thumb}")`;
  image.src = item.full;
  if (data.items.length < 2) return;
  const pick = (index) => setStateValue("chosen", index);
  const buttons = data.items.map((one, index) => button(one, index, data.chosen, pick));
  root.querySelector(".strip").append(...buttons);
}
