// A code of a mailed link stands behind the # of the address: a browser keeps it across the redirect, and sends it to nobody.
if (location.hash) {
  document.getElementById("sign-in").action = location.pathname + location.search + location.hash;
}
