// SPDX-License-Identifier: LGPL-2.1-or-later
//
// What the Vala tests share: backends to connect to, domains to define, a main loop to wait on.

namespace Support {
  public const int64 GRANULARITY = 64 * 1024;
  public const string UUID = "5a0b6a3e-6b1c-4c86-9d6b-b7f0a3b0d2c1";
  private const uint TIMEOUT = 60; // seconds until a wait is given up: only reached by a defect

  // Somewhere to connect to.
  public abstract class Backend : Object {
    public string uri;
    public abstract bool has_images { get; }

    public abstract string disk (string target) throws Error;
    // A file for a backup, not made yet.
    public abstract string backup (string target);
    public abstract void write (string target, int64 offset, int64 length) throws Error;
  }

  private int number = 0;

  // A memory: URI of its own; no disk is touched.
  public class MemoryBackend : Backend {
    construct {
      uri = "memory:///vala-%d".printf (++number);
    }

    public override bool has_images { get { return false; } }

    public override string disk (string target) {
      return "/nonexistent/%s.qcow2".printf (target);
    }

    public override string backup (string target) {
      return "/nonexistent/%s-backup.qcow2".printf (target);
    }

    public override void write (string target, int64 offset, int64 length) {
    }
  }

  // A new folder for a local: connection, with real qcow2 images in it.
  public class LocalBackend : Backend {
    private string folder;

    public LocalBackend () throws Error {
      folder = DirUtils.make_tmp ("vck test ä-XXXXXX");
      uri = Filename.to_uri (folder + "/domains").replace ("file:", "local:");
    }

    ~LocalBackend () {
      try {
        remove_folder (File.new_for_path (folder));
      } catch (Error error) {
        GLib.error ("%s", error.message);
      }
    }

    public override bool has_images { get { return true; } }

    public string path (string name) {
      return "%s/%s".printf (folder, name);
    }

    public string image (string target) {
      return path (target + ".qcow2");
    }

    public override string disk (string target) throws Error {
      run_program ({ "qemu-img", "create", "-q", "-f", "qcow2", image (target), "64M" });
      return image (target);
    }

    public override string backup (string target) {
      return path (target + "-backup.qcow2");
    }

    // A cluster of the image counts as compressed, and its content cannot be decompressed: cluster
    // 100, by its entry in the first table of an image that qemu-img made with its defaults.
    public void damage (string target) {
      var file = FileStream.open (image (target), "r+");
      var entry = 0x40000 + 8 * 100;
      file.seek (entry, SET);
      assert_cmpint (file.getc (), EQ, 0x80);
      file.seek (entry, SET);
      file.putc (0x40);
    }

    public override void write (string target, int64 offset, int64 length) throws Error {
      var command = "write %s %s".printf (offset.to_string (), length.to_string ());
      run_program ({ "qemu-io", "-f", "qcow2", "-c", command, image (target) });
    }

    public void remove_bitmap (string target, string name) throws Error {
      run_program ({ "qemu-img", "bitmap", "--remove", image (target), name });
    }

    // What qemu-img says of an image.
    public string describe (string target) throws Error {
      return run_program ({ "qemu-img", "info", image (target) });
    }

    public static string run_program (string[] words) throws Error {
      var process = new Subprocess.newv (words, STDOUT_PIPE);
      string output;
      process.communicate_utf8 (null, null, out output, null);
      process.wait_check ();
      return output;
    }

    private static void remove_folder (File file) throws Error {
      if (file.query_file_type (NOFOLLOW_SYMLINKS) == DIRECTORY) {
        var children = file.enumerate_children ("standard::name", NOFOLLOW_SYMLINKS);
        FileInfo? info;
        while ((info = children.next_file ()) != null) {
          remove_folder (file.get_child (info.get_name ()));
        }
      }
      file.delete ();
    }
  }

  // A QMP socket that takes every connection and never says a word.
  public class SilentQemu {
    private string path;
    private SocketService service = new SocketService ();
    private GenericArray<SocketConnection> clients = new GenericArray<SocketConnection> ();

    public int n_clients { get { return clients.length; } }

    public SilentQemu (string path) throws Error {
      this.path = path;
      service.add_address (new UnixSocketAddress (path), STREAM, DEFAULT, null, null);
      service.incoming.connect (connection => {
        clients.add (connection);
        return true;
      });
    }

    // Ends: nothing listens any more.
    public void close () throws Error {
      service.stop ();
      service.close ();
      foreach (var each in clients) {
        each.close ();
      }
      FileUtils.unlink (path);
    }
  }

  public string domain_xml (string name, string[] targets, string[] paths, string? uuid = UUID,
                            string? qmp = null) {
    var disks = new StringBuilder ();
    for (var i = 0; i < targets.length; i++) {
      disks.append_printf ("<disk type='file' device='disk'><driver name='qemu' type='qcow2'/>"
        + "<source file='%s'/><target dev='%s' bus='virtio'/></disk>",
        Markup.escape_text (paths[i]), targets[i]);
    }
    var metadata = qmp == null ? "" : "<metadata><vck:machine xmlns:vck='urn:vck:domain:1' "
      + "qmp='%s'/></metadata>".printf (Markup.escape_text (qmp));
    return "<domain type='qemu'><name>%s</name>%s%s".printf (
             Markup.escape_text (name), uuid == null ? "" : "<uuid>%s</uuid>".printf (uuid), metadata)
           + "<memory unit='MiB'>64</memory><os><type>hvm</type></os>"
           + "<devices>%s</devices></domain>".printf (disks.str);
  }

  public string checkpoint_xml (string name, string? description = null) {
    var inner = description == null
      ? "" : "<description>%s</description>".printf (Markup.escape_text (description));
    return "<domaincheckpoint><name>%s</name>%s</domaincheckpoint>".printf (
      Markup.escape_text (name), inner);
  }

  // The document of a backup of disks.
  public string backup_xml (string[] targets, string[] files) {
    var disks = new StringBuilder ();
    for (var i = 0; i < targets.length; i++) {
      disks.append_printf ("<disk name='%s' type='file'><target file='%s'/></disk>", targets[i],
                           Markup.escape_text (files[i]));
    }
    return "<domainbackup><disks>%s</disks></domainbackup>".printf (disks.str);
  }

  public Vck.Domain define (Vck.Connection connection, Backend backend, string name = "guest")
    throws Error {
    string[] paths = { backend.disk ("vda"), backend.disk ("vdb") };
    return connection.define_domain_xml (domain_xml (name, { "vda", "vdb" }, paths));
  }

  public Vck.Checkpoint create (Vck.Domain domain, string name, string? description = null)
    throws Error {
    return domain.create_checkpoint_xml (checkpoint_xml (name, description));
  }

  // The names of checkpoints, with blanks between.
  public string names (GenericArray<Vck.Checkpoint> checkpoints) {
    var text = new StringBuilder ();
    foreach (var checkpoint in checkpoints) {
      text.append_printf ("%s%s", text.len == 0 ? "" : " ", checkpoint.name);
    }
    return text.str;
  }

  // The sizes of the disks of a checkpoint, with blanks between.
  public string sizes (Vck.Checkpoint checkpoint) throws Error {
    var text = new StringBuilder ();
    foreach (var disk in checkpoint.list_disks (SIZE)) {
      text.append_printf ("%s%s", text.len == 0 ? "" : " ", disk.size.to_string ());
    }
    return text.str;
  }

  public delegate bool Condition ();

  // Runs the default main context until the condition holds.
  public void wait_until (Condition condition) {
    var guard = Timeout.add_seconds (TIMEOUT, () => {
      error ("gave up waiting");
    });
    while (!condition ()) {
      MainContext.default ().iteration (true);
    }
    Source.remove (guard);
  }

  public delegate void Body () throws Error;

  // The call fails with this error of Vck; returns the message.
  public string assert_fails (int code, Body call) {
    try {
      call ();
    } catch (Error error) {
      if (!error.matches (Vck.Error.quark (), code)) {
        GLib.error ("code %d, not %d: %s", error.code, code, error.message);
      }
      return error.message;
    }
    error ("the call did not fail with code %d", code);
  }

  // A case that fails when an error escapes it.
  public class Case {
    private Body body;

    public Case (owned Body body) {
      this.body = (owned) body;
    }

    public void run () {
      try {
        body ();
      } catch (Error error) {
        GLib.error ("%s", error.message);
      }
    }
  }

  public void add (string path, owned Body body) {
    var each = new Case ((owned) body);
    Test.add_data_func ("/vck/vala/" + path, () => each.run ());
  }

  public delegate void BackendBody (Backend backend) throws Error;

  // The same case on memory: and on local:.
  public void add_both (string path, owned BackendBody body) {
    BackendBody shared = (owned) body;
    var both = new BothBackends ((owned) shared);
    add (path + "/memory", () => both.run (new MemoryBackend ()));
    add (path + "/local", () => both.run (new LocalBackend ()));
  }

  private class BothBackends {
    private BackendBody body;

    public BothBackends (owned BackendBody body) {
      this.body = (owned) body;
    }

    public void run (Backend backend) throws Error {
      body (backend);
    }
  }

  // Runs an async function to its end.
  public delegate void Begin (Backend backend, AsyncReadyCallback callback);
  public delegate void End (AsyncResult result) throws Error;

  public void complete (Backend backend, Begin begin, End end) throws Error {
    AsyncResult? done = null;
    begin (backend, (source, result) => {
      done = result;
    });
    wait_until (() => done != null);
    end (done);
  }
}
