// Carries the token of a mailed link from behind the # into the form, and takes it out of the address bar. A link to sign in first keeps it.
const token = new URLSearchParams(location.hash.slice(1)).get("token");
if (token) {
  document.getElementById("token").value = token;
  for (const link of document.querySelectorAll("a[data-keeps-token]")) {
    link.hash = new URLSearchParams({ token });
  }
  history.replaceState(null, "", location.pathname);
}
