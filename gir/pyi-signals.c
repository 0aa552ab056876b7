/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pyi-signals.h"

#include <string.h>

#include "gir-node.h"
#include "python-type.h"

#define BODY "    "

/* Narrower than that of GObject.Object, which takes any name: so a checker is silenced there. */
#define NARROWER "  # type: ignore[override]"

typedef struct
{
  GString *stub;
  const char *class_name;
  const char *method; /* "connect" or "connect_after" */
  gboolean is_first;  /* of the overloads */
} Signals;

static void
signals_put (Signals *self, const char *names, const char *handler, const char *more)
{
  g_string_append_printf (self->stub,
                          BODY
                          "@overload%s\n" BODY
                          "def %s(self, detailed_signal: Literal[%s], handler: %s%s) -> int: ...\n",
                          self->is_first ? NARROWER : "", self->method, names, handler, more);
  self->is_first = FALSE;
}

/* "Callable[[Domain, Checkpoint], object]" */
static char *
signals_handler (const Signals *self, xmlNode *signal)
{
  xmlNode *list = bg_gir_child (signal, "parameters");
  xmlNode *ret = bg_gir_child (signal, "return-value");
  g_autofree char *type = ret != NULL ? bg_python_type (ret) : g_strdup ("None");
  GString *out = g_string_new ("Callable[[");

  g_string_append (out, self->class_name);
  for (xmlNode *child = list != NULL ? list->children : NULL; child != NULL; child = child->next)
    if (bg_gir_is (child, "parameter"))
      {
        g_autofree char *param = bg_python_type (child);

        g_string_append_printf (out, ", %s", param);
      }
  g_string_append_printf (out, "], %s]", strcmp (type, "None") == 0 ? "object" : type);
  return g_string_free (out, FALSE);
}

/* "'notify', 'notify::name'" */
static char *
signals_notify_names (xmlNode *klass)
{
  GString *out = g_string_new ("'notify'");

  for (xmlNode *child = klass->children; child != NULL; child = child->next)
    if (bg_gir_is (child, "property"))
      {
        g_autofree char *nick = bg_gir_string (child, "name");

        g_string_append_printf (out, ", 'notify::%s'", nick);
      }
  return g_string_free (out, FALSE);
}

static void
signals_put_method (Signals *self, xmlNode *klass)
{
  g_autofree char *notify = signals_notify_names (klass);
  g_autofree char *handler =
      g_strdup_printf ("Callable[[%s, GObject.ParamSpec], object]", self->class_name);
  g_autoptr (GString) all = g_string_new (notify);

  for (xmlNode *child = klass->children; child != NULL; child = child->next)
    if (bg_gir_is (child, "signal"))
      {
        g_autofree char *name = bg_gir_string (child, "name");
        g_autofree char *quoted = g_strdup_printf ("'%s'", name);
        g_autofree char *own = signals_handler (self, child);

        signals_put (self, quoted, own, "");
        g_string_append_printf (all, ", %s", quoted);
      }
  signals_put (self, notify, handler, "");
  signals_put (self, all->str, "Callable[..., Any]", ", argument: Any, *arguments: Any");
}

void
bg_pyi_put_signals (GString *stub, xmlNode *klass, const char *class_name)
{
  const char *const methods[] = { "connect", "connect_after" };

  if (bg_gir_child (klass, "property") == NULL && bg_gir_child (klass, "signal") == NULL)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      Signals self = { stub, class_name, methods[i], TRUE };

      signals_put_method (&self, klass);
    }
}
