# SPDX-License-Identifier: LGPL-2.1-or-later

"""The parts of programs on the page of lists work together: a label, a table and a tree, in each language."""

import sys

from house import BUILD, SOURCE
from programs import PAGES, PYTHON, Programs, blocks

sys.path.append(str(SOURCE / "tests" / "gtk"))
from window import Window  # noqa: E402

PAGE = PAGES["lists.md"]
SHOWN = """the connection to 'memory:///page' is closed; the list is as it was then
Name | Size
monday | 0
tuesday | 0
wednesday | 0
Checkpoint
- tuesday
  - wednesday
    - monday
      . vck.0a1b2c3d.20261127T075307.120667Z-1fae9c02
"""

# What is around them: checkpoints are created, of which one belongs to a repository. The table is sorted. When they are
# shown, they are measured and the connection is closed.
AROUND_PYTHON = """
import gi
gi.require_version('Gtk', '4.0')
gi.require_version('Vck', '1')
%s
def close():
    if status.get_text() != 'Up to date':
        return True
    print(status.get_text(), flush=True)
    domain.measure_checkpoints()
    connection.close()

Gtk.init()
connection = Vck.Connection.open('memory:///page')
domain = connection.lookup_domain_by_name('test')
table = make_table(domain)
table.sort_by_column(table.get_columns().get_item(0), Gtk.SortType.ASCENDING)
status = make_status(domain.checkpoints)
print(status.get_text(), flush=True)
for name in 'tuesday', 'wednesday', 'monday', 'vck.0a1b2c3d.20261127T075307.120667Z-1fae9c02':
    domain.create_checkpoint(Vck.CheckpointConfig(name=name))
box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL)
for widget in status, table, make_tree(domain):
    box.append(widget)
loop = GLib.MainLoop()
window = Gtk.Window(child=box)
window.connect('close-request', lambda window: loop.quit())
window.present()
GLib.timeout_add(50, close)
loop.run()
"""

AROUND_JAVASCRIPT = """%s
Gtk.init();
const connection = Vck.Connection.open('memory:///page');
const domain = connection.lookup_domain_by_name('test');
const table = makeTable(domain);
table.sort_by_column(table.columns.get_item(0), Gtk.SortType.ASCENDING);
const tree = makeTree(domain);
const state = makeStatus(domain.checkpoints);
print(state.label);
for (const name of ['tuesday', 'wednesday', 'monday', 'vck.0a1b2c3d.20261127T075307.120667Z-1fae9c02'])
  domain.create_checkpoint(new Vck.CheckpointConfig({name}));
const box = new Gtk.Box({orientation: Gtk.Orientation.VERTICAL});
for (const widget of [state, table, tree])
  box.append(widget);
const loop = new GLib.MainLoop(null, false);
const window = new Gtk.Window({child: box});
window.connect('close-request', () => {
  table.model = null;
  tree.model = null;
  loop.quit();
});
window.present();
GLib.timeout_add(GLib.PRIORITY_DEFAULT, 50, () => {
  if (state.label !== 'Up to date')
    return GLib.SOURCE_CONTINUE;
  print(state.label);
  domain.measure_checkpoints();
  connection.close();
  return GLib.SOURCE_REMOVE;
});
loop.run();
"""

AROUND_VALA = """%s
void show (Vck.Connection connection, Vck.Domain domain) throws Error {
  var loop = new MainLoop ();
  var table = make_table (domain);
  table.sort_by_column ((Gtk.ColumnViewColumn) table.columns.get_item (0), ASCENDING);
  var status = make_status (domain.checkpoints);
  print ("%%s\\n", status.label);
  foreach (unowned string name in new string[] { "tuesday", "wednesday", "monday", "vck.0a1b2c3d.20261127T075307.120667Z-1fae9c02" })
    domain.create_checkpoint (new Vck.CheckpointConfig () { name = name });
  var box = new Gtk.Box (VERTICAL, 0);
  box.append (status);
  box.append (table);
  box.append (make_tree (domain));
  var window = new Gtk.Window () { child = box };
  window.close_request.connect (() => {
    loop.quit ();
    return false;
  });
  window.present ();
  Timeout.add (50, () => {
    if (status.label != "Up to date")
      return Source.CONTINUE;
    print ("%%s\\n", status.label);
    try {
      domain.measure_checkpoints ();
      connection.close ();
    } catch (Error error) {
      printerr ("%%s\\n", error.message);
    }
    return Source.REMOVE;
  });
  loop.run ();
}

int main () {
  Gtk.init ();
  try {
    var connection = Vck.Connection.open ("memory:///page");
    show (connection, connection.lookup_domain_by_name ("test"));
  } catch (Error error) {
    printerr ("%%s\\n", error.message);
  }
  return 0;
}
"""

AROUND_C = """%s
static VckConnection *connection;
static VckDomain *domain;

static gboolean
close_cb (gpointer status)
{
  if (!g_str_equal (gtk_label_get_text (status), "Up to date"))
    return G_SOURCE_CONTINUE;
  g_print ("%%s\\n", gtk_label_get_text (status));
  g_ptr_array_unref (vck_domain_measure_checkpoints (domain, NULL, NULL));
  vck_connection_close (connection, NULL);
  return G_SOURCE_REMOVE;
}

static GtkWidget *
make_box (void)
{
  static const char *const names[] = { "tuesday", "wednesday", "monday", "vck.0a1b2c3d.20261127T075307.120667Z-1fae9c02" };
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *table = make_table (domain);
  g_autoptr (GtkColumnViewColumn) first =
      g_list_model_get_item (gtk_column_view_get_columns (GTK_COLUMN_VIEW (table)), 0);
  g_autoptr (VckCheckpointList) checkpoints = vck_domain_get_checkpoints (domain);
  GtkWidget *status = make_status (checkpoints);

  g_print ("%%s\\n", gtk_label_get_text (GTK_LABEL (status)));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (VckCheckpointConfig) config = vck_checkpoint_config_new ();

      vck_checkpoint_config_set_name (config, names[i]);
      g_object_unref (vck_domain_create_checkpoint (domain, config, 0, NULL, NULL));
    }
  gtk_column_view_sort_by_column (GTK_COLUMN_VIEW (table), first, GTK_SORT_ASCENDING);
  gtk_box_append (GTK_BOX (box), status);
  gtk_box_append (GTK_BOX (box), table);
  gtk_box_append (GTK_BOX (box), make_tree (domain));
  g_timeout_add (50, close_cb, status);
  return box;
}

int
main (void)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  GtkWidget *window = NULL;

  gtk_init ();
  connection = vck_connection_open ("memory:///page", 0, NULL, NULL);
  domain = vck_connection_lookup_domain_by_name (connection, "test", NULL, NULL);
  window = g_object_new (GTK_TYPE_WINDOW, "child", make_box (), NULL);
  g_signal_connect_swapped (window, "close-request", G_CALLBACK (g_main_loop_quit), loop);
  gtk_window_present (GTK_WINDOW (window));
  g_main_loop_run (loop);
  return 0;
}
"""


class Lists(Programs):
    def test_load(self):
        self.save("load.py", blocks(PAGE, "python")[0])
        self.assertEqual(blocks(PAGE, "text")[0], self.call(PYTHON, "load.py"))

    def check(self, *command):
        with Window(command, self.environment, BUILD / "tests" / "gtk", cwd=self.folder) as window:
            window.wait_for(SHOWN)
            self.assertEqual("Loading\nUp to date\n", window.close())

    def test_in_python(self):
        self.save("parts.py", AROUND_PYTHON % "".join(blocks(PAGE, "python")[1:]))
        self.check(PYTHON, "parts.py")

    def test_in_javascript(self):
        self.save("parts.js", AROUND_JAVASCRIPT % "".join(blocks(PAGE, "javascript")))
        self.check("gjs", "-m", "parts.js")

    def test_in_vala(self):
        self.compile_vala("parts", AROUND_VALA % "".join(blocks(PAGE, "vala")), "--pkg", "gtk4")
        self.check("./parts")

    def test_in_c(self):
        self.compile_c("parts", AROUND_C % "".join(blocks(PAGE, "c")), ("vck-1", "gtk4"), ["-Wno-unused-parameter"])
        self.check("./parts")
