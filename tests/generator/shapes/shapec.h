/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

/*
 * The shape library: a small C API with one function per role of an argument, per
 * direction and per outcome. vck-bindgen makes the library "Shapes" of it, which the
 * tests drive from C, Python, JavaScript and Vala.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * ShapecErrorCode: (attributes bindgen.error=1)
 * @SHAPEC_ERROR_REFUSED: the call was made to fail
 * @SHAPEC_ERROR_INVALID: the handle is not one
 * @SHAPEC_ERROR_MISSING: there is no such thing
 *
 * Why a call failed.
 *
 * Since: 1.0
 */
typedef enum
{
  SHAPEC_ERROR_REFUSED = 1,
  SHAPEC_ERROR_INVALID = 2,
  SHAPEC_ERROR_MISSING = 3,
} ShapecErrorCode;

/**
 * ShapecColor:
 * @SHAPEC_COLOR_NONE: no color
 * @SHAPEC_COLOR_RED: red
 * @SHAPEC_COLOR_DEEP_BLUE: deep blue
 *
 * An enum.
 *
 * Since: 1.0
 */
typedef enum
{
  SHAPEC_COLOR_NONE = 0,
  SHAPEC_COLOR_RED = 1,
  SHAPEC_COLOR_DEEP_BLUE = -7,
} ShapecColor;

/**
 * ShapecSideFlags:
 * @SHAPEC_SIDE_LEFT: the left side
 * @SHAPEC_SIDE_RIGHT: the right side
 * @SHAPEC_SIDE_TOP: the last bit of an int before its sign
 * @SHAPEC_SIDE_BOTTOM: the last bit that an int has
 *
 * Flags.
 *
 * Since: 1.1
 */
typedef enum
{
  SHAPEC_SIDE_LEFT = 1 << 0,
  SHAPEC_SIDE_RIGHT = 1 << 1,
  SHAPEC_SIDE_TOP = 1 << 30,
  SHAPEC_SIDE_BOTTOM = (int) (1u << 31),
} ShapecSideFlags;

/**
 * ShapecError: (attributes bindgen.plumbing=1)
 *
 * A failure.
 *
 * Since: 1.0
 */
typedef struct _ShapecError ShapecError;

/**
 * ShapecRoom: (attributes bindgen.class=Room)
 *
 * A room, which holds things.
 *
 * Since: 1.0
 */
typedef struct _ShapecRoom ShapecRoom;

/**
 * ShapecRoomThing: (attributes bindgen.class=Thing)
 *
 * A thing in a room.
 *
 * Since: 1.0
 */
typedef struct _ShapecRoomThing ShapecRoomThing;

/**
 * ShapecKey: (attributes bindgen.class=Key)
 *
 * A key, whose references are not counted.
 *
 * Since: 1.0
 */
typedef struct _ShapecKey ShapecKey;

/**
 * shapec_error_get_code: (attributes bindgen.plumbing=1)
 * @error: an error
 *
 * Gets why.
 *
 * Returns: the code
 *
 * Since: 1.0
 */
ShapecErrorCode shapec_error_get_code (const ShapecError *error);

/**
 * shapec_error_get_message: (attributes bindgen.plumbing=1)
 * @error: an error
 *
 * Gets the message.
 *
 * Returns: (transfer none): the message
 *
 * Since: 1.0
 */
const char *shapec_error_get_message (const ShapecError *error);

/**
 * shapec_error_free: (attributes bindgen.plumbing=1)
 * @error: (transfer full): an error
 *
 * Frees an error.
 *
 * Since: 1.0
 */
void shapec_error_free (ShapecError *error);

/**
 * shapec_count_live: (attributes bindgen.plumbing=1)
 *
 * For tests: how many handles live.
 *
 * Returns: the number of handles
 *
 * Since: 1.0
 */
int shapec_count_live (void);

/**
 * shapec_room_ref: (attributes bindgen.plumbing=1)
 * @room: a room
 * @err: return location for an error
 *
 * Takes a reference.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int shapec_room_ref (ShapecRoom *room, ShapecError **err);

/**
 * shapec_room_unref: (attributes bindgen.plumbing=1)
 * @room: (transfer full): a room
 * @err: return location for an error
 *
 * Drops a reference.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int shapec_room_unref (ShapecRoom *room, ShapecError **err);

/**
 * shapec_room_thing_ref: (attributes bindgen.plumbing=1)
 * @thing: a thing
 *
 * Takes a reference. Unlike that of a room it cannot fail.
 *
 * Since: 1.0
 */
void shapec_room_thing_ref (ShapecRoomThing *thing);

/**
 * shapec_room_thing_unref: (attributes bindgen.plumbing=1)
 * @thing: (transfer full): a thing
 *
 * Drops a reference.
 *
 * Since: 1.0
 */
void shapec_room_thing_unref (ShapecRoomThing *thing);

/* A function that makes an object. */

/**
 * shapec_room_open:
 * @name: the name of the room; `locked` cannot be opened
 * @sides: (type ShapecSideFlags): which sides it has
 * @err: return location for an error
 *
 * Opens a room.
 *
 * Fails with %SHAPEC_ERROR_REFUSED when it is locked. Close it with shapec_room_unref();
 * ask it for its name with shapec_room_get_name().
 *
 * Returns: (transfer full): the room
 *
 * Since: 1.0
 */
ShapecRoom *shapec_room_open (const char *name, unsigned int sides, ShapecError **err);

/* Functions of which the tests take hold. */

/**
 * shapec_room_refuse_next: (attributes bindgen.return=status)
 * @room: a room
 * @err: return location for an error
 *
 * Makes the next call on the room fail with %SHAPEC_ERROR_REFUSED.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int shapec_room_refuse_next (ShapecRoom *room, ShapecError **err);

/**
 * shapec_room_query_gate:
 * @room: a room
 * @err: return location for an error
 *
 * Reads once the gate is open: a call that blocks and changes nothing.
 *
 * Returns: (transfer full): `open`
 *
 * Since: 1.0
 */
char *shapec_room_query_gate (ShapecRoom *room, ShapecError **err);

/**
 * shapec_room_pass_gate: (attributes bindgen.return=status)
 * @room: a room
 * @err: return location for an error
 *
 * Passes once the gate is open: a call that blocks and changes something.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int shapec_room_pass_gate (ShapecRoom *room, ShapecError **err);

/**
 * shapec_room_open_gate: (attributes bindgen.return=status)
 * @room: a room
 * @err: return location for an error
 *
 * Opens the gate for those that wait, and for those to come.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int shapec_room_open_gate (ShapecRoom *room, ShapecError **err);

/**
 * shapec_room_await_waiting: (attributes bindgen.return=status)
 * @room: a room
 * @count: how many
 * @err: return location for an error
 *
 * Waits until so many calls wait at the gate.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int shapec_room_await_waiting (ShapecRoom *room, unsigned int count, ShapecError **err);

/**
 * shapec_room_get_passed: (attributes bindgen.local=1)
 * @room: a room
 * @err: return location for an error
 *
 * Gets how many passed the gate.
 *
 * Returns: the number, or -1 when @room is none
 *
 * Since: 1.0
 */
int64_t shapec_room_get_passed (ShapecRoom *room, ShapecError **err);

/* Results of local functions. */

/**
 * shapec_room_get_name: (attributes bindgen.local=1)
 * @room: a room
 * @err: return location for an error
 *
 * Gets the name of the room.
 *
 * Fails with %SHAPEC_ERROR_INVALID when @room is none.
 *
 * Returns: (transfer none): the name, which lives as long as @room
 *
 * Since: 1.0
 */
const char *shapec_room_get_name (ShapecRoom *room, ShapecError **err);

/**
 * shapec_room_get_motto: (attributes bindgen.local=1)
 * @room: a room
 * @err: return location for an error
 *
 * Gets the motto of the room.
 *
 * Returns: (transfer none) (nullable): the motto, or %NULL if it has none
 *
 * Since: 1.0
 */
const char *shapec_room_get_motto (ShapecRoom *room, ShapecError **err);

/**
 * shapec_room_get_plate: (attributes bindgen.local=1)
 * @room: a room
 *
 * Makes a plate for the door. There is nothing that could fail.
 *
 * Returns: (transfer full): what is on the plate
 *
 * Since: 1.0
 */
char *shapec_room_get_plate (ShapecRoom *room);

/**
 * shapec_room_is_lit: (attributes bindgen.local=1)
 * @room: a room
 * @err: return location for an error
 *
 * Gets whether there is light.
 *
 * Returns: `true` if so
 *
 * Since: 1.0
 */
bool shapec_room_is_lit (ShapecRoom *room, ShapecError **err);

/**
 * shapec_room_get_color: (attributes bindgen.local=1)
 * @room: a room
 * @err: return location for an error
 *
 * Gets the color of the walls.
 *
 * Returns: the color
 *
 * Since: 1.0
 */
ShapecColor shapec_room_get_color (ShapecRoom *room, ShapecError **err);

/**
 * shapec_room_get_sides: (attributes bindgen.local=1)
 * @room: a room
 * @err: return location for an error
 *
 * Gets the sides the room was opened with.
 *
 * Returns: (type ShapecSideFlags): the sides
 *
 * Since: 1.0
 */
unsigned int shapec_room_get_sides (ShapecRoom *room, ShapecError **err);

/**
 * shapec_room_get_owner: (attributes bindgen.hand=shapes_room_get_owner)
 * @room: a room
 * @err: return location for an error
 *
 * Gets the owner of the room.
 *
 * Returns: (transfer none): the owner
 *
 * Since: 1.0
 */
const char *shapec_room_get_owner (ShapecRoom *room, ShapecError **err);

/* Values in, values returned. */

/**
 * shapec_room_echo_int: (attributes bindgen.return=value)
 * @room: a room
 * @value: any value
 * @err: return location for an error
 *
 * Gives back @value.
 *
 * Returns: the same value
 *
 * Since: 1.0
 */
int shapec_room_echo_int (ShapecRoom *room, int value, ShapecError **err);

/**
 * shapec_room_echo_uint:
 * @room: a room
 * @value: any value
 * @err: return location for an error
 *
 * Gives back @value.
 *
 * Returns: the same value
 *
 * Since: 1.0
 */
unsigned int shapec_room_echo_uint (ShapecRoom *room, unsigned int value, ShapecError **err);

/**
 * shapec_room_echo_int64:
 * @room: a room
 * @value: any value
 * @err: return location for an error
 *
 * Gives back @value.
 *
 * Returns: the same value
 *
 * Since: 1.0
 */
int64_t shapec_room_echo_int64 (ShapecRoom *room, int64_t value, ShapecError **err);

/**
 * shapec_room_echo_uint64:
 * @room: a room
 * @value: any value
 * @err: return location for an error
 *
 * Gives back @value.
 *
 * Returns: the same value
 *
 * Since: 1.0
 */
uint64_t shapec_room_echo_uint64 (ShapecRoom *room, uint64_t value, ShapecError **err);

/**
 * shapec_room_echo_double:
 * @room: a room
 * @value: any value
 * @err: return location for an error
 *
 * Gives back @value.
 *
 * Returns: the same value
 *
 * Since: 1.0
 */
double shapec_room_echo_double (ShapecRoom *room, double value, ShapecError **err);

/**
 * shapec_room_echo_bool:
 * @room: a room
 * @value: any value
 * @err: return location for an error
 *
 * Gives back @value.
 *
 * Returns: the same value
 *
 * Since: 1.0
 */
bool shapec_room_echo_bool (ShapecRoom *room, bool value, ShapecError **err);

/**
 * shapec_room_echo_color:
 * @room: a room
 * @value: any value
 * @err: return location for an error
 *
 * Gives back @value.
 *
 * Returns: the same value
 *
 * Since: 1.0
 */
ShapecColor shapec_room_echo_color (ShapecRoom *room, ShapecColor value, ShapecError **err);

/**
 * shapec_room_echo_sides:
 * @room: a room
 * @value: (type ShapecSideFlags): any value
 * @err: return location for an error
 *
 * Gives back @value.
 *
 * Returns: (type ShapecSideFlags): the same value
 *
 * Since: 1.0
 */
unsigned int shapec_room_echo_sides (ShapecRoom *room, unsigned int value, ShapecError **err);

/**
 * shapec_room_echo_text:
 * @room: a room
 * @value: any text
 * @err: return location for an error
 *
 * Gives back @value.
 *
 * Returns: (transfer full): the same text
 *
 * Since: 1.0
 */
char *shapec_room_echo_text (ShapecRoom *room, const char *value, ShapecError **err);

/**
 * shapec_room_echo_maybe: (attributes bindgen.reader=1)
 * @room: a room
 * @value: (nullable): any text, or %NULL
 * @err: return location for an error
 *
 * Gives back @value, also if it is %NULL.
 *
 * Returns: (transfer full) (nullable): the same text
 *
 * Since: 1.0
 */
char *shapec_room_echo_maybe (ShapecRoom *room, const char *value, ShapecError **err);

/**
 * shapec_room_find_motto:
 * @room: a room
 * @err: return location for an error
 *
 * Finds the motto of the room, which the room keeps.
 *
 * Returns: (transfer none): the motto
 *
 * Since: 1.0
 */
const char *shapec_room_find_motto (ShapecRoom *room, ShapecError **err);

/**
 * shapec_room_format:
 * @room: a room
 * @i: a number
 * @base: any text
 * @error: a number
 * @call: a number
 * @from: a number
 * @class: a number
 * @err: return location for an error
 *
 * Formats its arguments, which have names that generated code uses and, as @from and @class, that
 * languages do.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *shapec_room_format (ShapecRoom *room,
                          int i,
                          const char *base,
                          int error,
                          int call,
                          int from,
                          int class,
                          ShapecError **err);

/**
 * shapec_room_split_words:
 * @room: a room
 * @text: words
 * @err: return location for an error
 *
 * Splits @text at spaces.
 *
 * Returns: (transfer full) (array zero-terminated=1): the words
 *
 * Since: 1.0
 */
char **shapec_room_split_words (ShapecRoom *room, const char *text, ShapecError **err);

/**
 * shapec_room_join_words:
 * @room: a room
 * @words: (array zero-terminated=1): words
 * @err: return location for an error
 *
 * Joins @words with spaces.
 *
 * Returns: (transfer full): the text
 *
 * Since: 1.0
 */
char *shapec_room_join_words (ShapecRoom *room, const char *const *words, ShapecError **err);

/**
 * shapec_room_count_words: (attributes bindgen.return=count)
 * @room: a room
 * @words: (array zero-terminated=1 length=n_words) (nullable): words, or %NULL for none
 * @n_words: how many
 * @err: return location for an error
 *
 * Counts @words. A number that is another one is invalid.
 *
 * Returns: how many there are, or -1 on failure
 *
 * Since: 1.0
 */
int shapec_room_count_words (ShapecRoom *room,
                             const char *const *words,
                             unsigned int n_words,
                             ShapecError **err);

/**
 * shapec_room_find_stamp:
 * @room: a room
 * @ret_size: (out): return location for the size of the stamp
 * @err: return location for an error
 *
 * Finds the stamp of the room.
 *
 * Returns: (transfer full) (array length=ret_size): its bytes
 *
 * Since: 1.0
 */
uint8_t *shapec_room_find_stamp (ShapecRoom *room, size_t *ret_size, ShapecError **err);

/**
 * shapec_room_sum_bytes: (attributes bindgen.return=status)
 * @room: a room
 * @data: (array length=n_data) (nullable): bytes, or %NULL for none
 * @n_data: how many
 * @ret_sum: (out): return location for the sum
 * @err: return location for an error
 *
 * Adds @data up.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int shapec_room_sum_bytes (ShapecRoom *room,
                           const uint8_t *data,
                           size_t n_data,
                           uint64_t *ret_sum,
                           ShapecError **err);

/* Values given out beside a status. */

/**
 * shapec_room_get_bytes: (attributes bindgen.return=status)
 * @room: a room
 * @count: how many
 * @ret_data: (out) (array length=ret_n_data) (transfer full): return location for the
 *   bytes
 * @ret_n_data: (out): return location for their number
 * @err: return location for an error
 *
 * Makes bytes: 0, 1, 2 and so on.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int shapec_room_get_bytes (ShapecRoom *room,
                           unsigned int count,
                           uint8_t **ret_data,
                           size_t *ret_n_data,
                           ShapecError **err);

/**
 * shapec_room_measure: (attributes bindgen.return=status)
 * @room: a room
 * @ret_size: (out): return location for the size in bytes
 * @err: return location for an error
 *
 * Measures the room. The size is stored in @ret_size. It is large.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int shapec_room_measure (ShapecRoom *room, uint64_t *ret_size, ShapecError **err);

/**
 * shapec_room_query_color: (attributes bindgen.return=status)
 * @room: a room
 * @ret_color: (out): return location for the color
 * @err: return location for an error
 *
 * Looks at the walls.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int shapec_room_query_color (ShapecRoom *room, ShapecColor *ret_color, ShapecError **err);

/**
 * shapec_room_query_title: (attributes bindgen.return=status)
 * @room: a room
 * @ret_title: (out) (transfer full): return location for the title
 * @err: return location for an error
 *
 * Reads the title.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int shapec_room_query_title (ShapecRoom *room, char **ret_title, ShapecError **err);

/**
 * shapec_room_list_titles: (attributes bindgen.return=count)
 * @room: a room
 * @ret_titles: (out) (array zero-terminated=1) (transfer full): return location for the
 *   titles
 * @err: return location for an error
 *
 * Lists all titles: those of the things.
 *
 * Returns: how many titles there are, or -1 on failure
 *
 * Since: 1.0
 */
int shapec_room_list_titles (ShapecRoom *room, char ***ret_titles, ShapecError **err);

/**
 * ShapecSpot: (attributes bindgen.boxed=Spot)
 * @x: how far to the right
 * @color: its color
 *
 * A plain struct.
 *
 * Since: 1.0
 */
typedef struct
{
  int64_t x;
  ShapecColor color;
} ShapecSpot;

/**
 * shapec_room_list_spots: (attributes bindgen.return=count)
 * @room: a room
 * @ret_spots: (out) (array zero-terminated=0) (transfer full): return location for the spots
 * @err: return location for an error
 *
 * Lists the spots where the things stand.
 *
 * Returns: how many spots there are, or -1 on failure
 *
 * Since: 1.0
 */
int shapec_room_list_spots (ShapecRoom *room, ShapecSpot **ret_spots, ShapecError **err);

/* Handles. */

/**
 * shapec_key_cut:
 * @teeth: how many teeth it has
 * @err: return location for an error
 *
 * Cuts a key. One without teeth is invalid.
 *
 * Returns: (transfer full): the key
 *
 * Since: 1.0
 */
ShapecKey *shapec_key_cut (unsigned int teeth, ShapecError **err);

/**
 * shapec_key_free:
 * @key: (transfer full): a key
 *
 * Frees a key.
 *
 * Since: 1.0
 */
void shapec_key_free (ShapecKey *key);

/**
 * shapec_key_use: (attributes bindgen.return=value)
 * @key: a key
 * @err: return location for an error
 *
 * Uses the key.
 *
 * Returns: how many teeth it has
 *
 * Since: 1.0
 */
int shapec_key_use (ShapecKey *key, ShapecError **err);

/**
 * shapec_room_add_thing:
 * @room: a room
 * @name: the name of the thing
 * @err: return location for an error
 *
 * Puts a new thing into the room.
 *
 * Returns: (transfer full): the thing
 *
 * Since: 1.0
 */
ShapecRoomThing *shapec_room_add_thing (ShapecRoom *room, const char *name, ShapecError **err);

/**
 * shapec_room_remove_thing: (attributes bindgen.return=status)
 * @room: a room
 * @thing: a thing
 * @mode: (attributes bindgen.fixed=7): must be 7
 * @err: return location for an error
 *
 * Takes @thing out of the room.
 *
 * Fails with %SHAPEC_ERROR_MISSING when it is not there.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int shapec_room_remove_thing (ShapecRoom *room,
                              ShapecRoomThing *thing,
                              unsigned int mode,
                              ShapecError **err);

/**
 * shapec_room_find_thing:
 * @room: a room
 * @name: a name
 * @err: return location for an error
 *
 * Finds a thing.
 *
 * Returns: (transfer full) (nullable): the thing, or %NULL if there is none of that name
 *
 * Since: 1.0
 */
ShapecRoomThing *shapec_room_find_thing (ShapecRoom *room, const char *name, ShapecError **err);

/**
 * shapec_room_find_next: (attributes bindgen.return=status)
 * @room: a room
 * @thing: (nullable): a thing, or %NULL for the first one
 * @ret_next: (out) (transfer full) (nullable): return location for the one behind it, or
 *   %NULL if that was the last
 * @err: return location for an error
 *
 * Goes from thing to thing.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int shapec_room_find_next (ShapecRoom *room,
                           ShapecRoomThing *thing,
                           ShapecRoomThing **ret_next,
                           ShapecError **err);

/**
 * shapec_room_list_all_things: (attributes bindgen.name=list_things bindgen.return=count)
 * @room: a room
 * @ret_things: (out) (optional) (array zero-terminated=1) (transfer full): return location
 *   for the things, in the order in which they came
 * @err: return location for an error
 *
 * Lists the things. With %NULL for @ret_things they are only counted.
 *
 * Returns: how many things there are, or -1 on failure
 *
 * Since: 1.0
 */
int
shapec_room_list_all_things (ShapecRoom *room, ShapecRoomThing ***ret_things, ShapecError **err);

/**
 * shapec_room_thing_get_name: (attributes bindgen.local=1)
 * @thing: a thing
 *
 * Gets the name of the thing.
 *
 * Returns: (transfer none): the name
 *
 * Since: 1.0
 */
const char *shapec_room_thing_get_name (ShapecRoomThing *thing);

/**
 * shapec_room_thing_get_room:
 * @thing: a thing
 * @err: return location for an error
 *
 * Gets the room the thing is in.
 *
 * Fails with %SHAPEC_ERROR_MISSING when it is in none any more.
 *
 * Returns: (transfer none): the room
 *
 * Since: 1.0
 */
ShapecRoom *shapec_room_thing_get_room (ShapecRoomThing *thing, ShapecError **err);

/* Nothing to return. */

/**
 * shapec_room_touch:
 * @room: a room
 * @err: return location for an error
 *
 * Touches the room.
 *
 * Since: 1.0
 */
void shapec_room_touch (ShapecRoom *room, ShapecError **err);

/**
 * shapec_room_sweep:
 * @room: a room
 *
 * Sweeps the room, which cannot fail.
 *
 * Since: 1.0
 */
void shapec_room_sweep (ShapecRoom *room);

/* A count that is not that of a list. */

/**
 * shapec_room_count_touches: (attributes bindgen.return=count)
 * @room: a room
 * @err: return location for an error
 *
 * Counts.
 *
 * Returns: how many times the room was touched or swept, or -1 on failure
 *
 * Since: 1.2
 */
int shapec_room_count_touches (ShapecRoom *room, ShapecError **err);

/* Left out. */

/**
 * shapec_room_old_touch: (attributes bindgen.superseded=shapec_room_touch)
 * @room: a room
 *
 * Touches the room the old way.
 *
 * Since: 1.0
 */
void shapec_room_old_touch (ShapecRoom *room);

/**
 * shapec_room_get_cookie: (attributes bindgen.skip=no-use-outside-C)
 * @room: a room
 *
 * Gets a pointer for nothing.
 *
 * Returns: (transfer none) (nullable): a pointer
 *
 * Since: 1.0
 */
void *shapec_room_get_cookie (ShapecRoom *room);

/**
 * shapec_room_get_matrix: (attributes bindgen.return=status)
 * @room: a room
 * @ret_width: (out): return location for the width
 * @ret_height: (out): return location for the height
 * @err: return location for an error
 *
 * Gives out two values, which no rule can bind.
 *
 * Returns: 0 on success, -1 on failure
 *
 * Since: 1.0
 */
int shapec_room_get_matrix (ShapecRoom *room, int *ret_width, int *ret_height, ShapecError **err);
