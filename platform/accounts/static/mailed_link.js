// Carries the token of a mailed link from behind the # into the form, and takes it out of the address bar.
const token = new URLSearchParams(location.hash.slice(1)).get("token");
if (token) {
  document.getElementById("token").value = token;
  history.replaceState(null, "", location.pathname);
}
