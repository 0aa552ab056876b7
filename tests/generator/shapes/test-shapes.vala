// SPDX-License-Identifier: LGPL-2.1-or-later

// The generated library from Vala: every shape, in each of its outcomes.

const string TEXT = "Überprüfung ✓";

Shapes.Room open_room () throws Error {
  return Shapes.Room.open ("plain", LEFT | TOP);
}

void numbers () throws Error {
  var room = open_room ();

  assert (room.echo_int (int.MIN) == int.MIN);
  assert (room.echo_uint (uint.MAX) == uint.MAX);
  assert (room.echo_int64 (int64.MIN) == int64.MIN);
  assert (room.echo_uint64 (uint64.MAX) == uint64.MAX);
  assert (room.echo_double (0.1) == 0.1);
  assert (room.echo_bool (true) && !room.echo_bool (false));
  assert (room.echo_color (DEEP_BLUE) == Shapes.Color.DEEP_BLUE);
  assert (room.echo_sides (TOP) == Shapes.SideFlags.TOP);
  assert (room.echo_sides (BOTTOM) == Shapes.SideFlags.BOTTOM);
  assert (room.query_color () == Shapes.Color.DEEP_BLUE);
  assert (room.measure () == uint64.MAX);
}

void text () throws Error {
  var room = open_room ();
  string[] words = room.split_words ("a ß");

  assert (room.echo_text (TEXT) == TEXT);
  assert (room.echo_text ("") == "");
  assert (room.find_motto () == "früh übt sich");
  assert (room.query_title () == "a title");
  assert (words.length == 2 && words[1] == "ß");
  assert (room.join_words (words) == "a ß");
  assert (room.format (1, "b", 2, 3, 4, 5) == "1 b 2 3 4 5");
  assert (room.count_words (words) == 2 && room.count_words (null) == 0);
}

void absent () throws Error {
  var room = open_room ();

  assert (room.echo_maybe (TEXT) == TEXT);
  assert (room.echo_maybe (null) == null);
  assert (room.find_thing ("nothing") == null);
  assert (room.find_next (null) == null);
}

void bytes () throws Error {
  var room = open_room ();

  assert (room.get_bytes (256).length == 256);
  assert (room.sum_bytes (room.get_bytes (3)) == 3);
  assert (room.sum_bytes (null) == 0);
  assert (room.find_stamp ().length == 4);
}

void key () throws Error {
  assert (Shapes.Key.cut (7).use () == 7);
}

void local () throws Error {
  var room = open_room ();

  assert (room.get_name () == "plain");
  assert (room.get_motto () == null);
  assert (room.get_plate () == "[plain]");
  assert (room.is_lit ());
  assert (room.get_sides () == (Shapes.SideFlags.LEFT | Shapes.SideFlags.TOP));
  assert (room.get_owner () == "anna");
}

void things () throws Error {
  var room = open_room ();
  var chair = room.add_thing ("chair");

  room.add_thing ("table");
  assert (room.count_things () == 2);
  assert (room.list_titles ().length == 2);
  var names = "";
  foreach (var thing in room.list_things ())
    names += thing.get_name () + " ";
  assert (names == "chair table ");
  var spots = room.list_spots ();
  assert (spots.length == 2);
  var spot = spots[1];
  spots = null;
  assert (spot.x == int64.MAX - 1 && spot.color == Shapes.Color.DEEP_BLUE);
  assert (room.find_next (chair).get_name () == "table");
  assert (chair.get_room ().get_name () == "plain");
  assert (room.remove_thing (chair));
}

void refused () throws Error {
  var room = open_room ();

  room.refuse_next ();
  try {
    room.touch ();
    assert_not_reached ();
  } catch (Shapes.Error.REFUSED error) {
    assert (error.message == "refused, dünkt mich");
  }
  assert (room.touch ());
  try {
    var cancellable = new Cancellable ();
    cancellable.cancel ();
    room.measure (cancellable);
    assert_not_reached ();
  } catch (IOError.CANCELLED error) {
    assert (room.count_touches () == 1);
  }
}

async void talk () throws Error {
  var room = yield Shapes.Room.open_async ("plain", 0);

  assert ((yield room.echo_text_async (TEXT)) == TEXT);
  assert ((yield room.measure_async ()) == uint64.MAX);
  yield room.add_thing_async ("chair");
  assert ((yield room.list_things_async ()).length == 1);
  assert ((yield room.split_words_async ("a b")).length == 2);
  room.refuse_next ();
  try {
    yield room.touch_async ();
    assert_not_reached ();
  } catch (Shapes.Error.REFUSED error) {
    assert (room.count_touches () == 0);
  }
}

void later () throws Error {
  var loop = new MainLoop ();

  talk.begin ((source, result) => {
    try {
      talk.end (result);
    } catch (Error error) {
      Test.fail_printf ("%s", error.message);
    }
    loop.quit ();
  });
  loop.run ();
}

delegate void Body () throws Error;

void add (string path, owned Body body) {
  Test.add_data_func (path, () => {
    try {
      body ();
    } catch (Error error) {
      Test.fail_printf ("%s", error.message);
    }
    assert (Shapes.count_live () == 0);
  });
}

int main (string[] args) {
  Test.init (ref args);
  add ("/shapes/numbers", numbers);
  add ("/shapes/text", text);
  add ("/shapes/absent", absent);
  add ("/shapes/bytes", bytes);
  add ("/shapes/key", key);
  add ("/shapes/local", local);
  add ("/shapes/things", things);
  add ("/shapes/refused", refused);
  add ("/shapes/async", later);
  return Test.run ();
}
