// Carries the token of a mailed link from behind the # into the form, takes it out of the address bar, and presses the first button, which only shows what it is about.
const token = new URLSearchParams(location.hash.slice(1)).get("token");
if (token) {
  const field = document.getElementById("token");
  field.value = token;
  history.replaceState(null, "", location.pathname);
  field.form.requestSubmit(field.form.querySelector("button"));
}
