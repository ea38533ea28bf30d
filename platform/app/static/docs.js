// Unsafe calls of a signed-in browser carry the CSRF token of its session; the page asks for it once per call.
SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#api",
  requestInterceptor: async (call) => {
    if (call.method && !["GET", "HEAD"].includes(call.method.toUpperCase())) {
      const session = await fetch("/api/v1/session").then((answer) => (answer.ok ? answer.json() : {}));
      if (session.csrf_token) call.headers["X-CSRF-Token"] = session.csrf_token;
    }
    return call;
  },
});
