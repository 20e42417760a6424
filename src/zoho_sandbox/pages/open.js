// The real pages put what to open behind a #, as in /app/60001234567#/invoices/471900000000103001.
const org = location.pathname.match(/^\/app\/(\d+)/);
const what = location.hash.match(/^#\/(contacts|invoices)\/(\d+)/);
const folder = { contacts: "customers", invoices: "invoices" };
if (org && what) {
  location.replace(`/${org[1]}/${folder[what[1]]}/${what[2]}`);
} else {
  location.replace(org ? `/${org[1]}` : "/");
}
