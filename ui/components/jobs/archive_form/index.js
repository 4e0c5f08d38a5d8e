// A button that asks for an archive by a form's POST: a thousand ids are too long for an address.
const STATE = new WeakMap();

function hidden(name, value) {
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = name;
  field.value = value;
  return field;
}

export default function ({ data, parentElement }) {
  const key = JSON.stringify(data);
  if (STATE.get(parentElement) === key) return;
  STATE.set(parentElement, key);
  const form = document.createElement("form");
  form.method = "post";
  form.action = data.url;
  // What is refused is read in a tab of its own; a download leaves no tab.
  form.target = "_blank";
  const button = document.createElement("button");
  button.type = "submit";
  button.textContent = data.label;
  button.title = data.help;
  button.disabled = data.jobs.length === 0;
  form.append(hidden(data.field, data.jobs.join(" ")), button);
  parentElement.querySelector(".root").replaceChildren(form);
}
