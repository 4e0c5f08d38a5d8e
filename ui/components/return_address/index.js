// Keeps the address that was asked for, so that the login can lead back to it: the provider
// answers to one fixed address. Of several tabs, the one that is looked at last counts.
// ui/routes/return_address.py reads the cookie; an hour is enough for any login.
function remember() {
  const address = encodeURIComponent(location.pathname + location.search);
  document.cookie = `contrapposto_return=${address}; Path=/; Max-Age=3600; SameSite=Lax`;
}

export default function ({ parentElement }) {
  parentElement.querySelector(".root").dataset.remembered = "";
  remember();
  addEventListener("focus", remember);
  return () => removeEventListener("focus", remember);
}
