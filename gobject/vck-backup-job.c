/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vck-job-look.h"
#include "vck-private.h"

/**
 * VckBackupJob:
 *
 * A backup of a domain that is under way, or how it ended.
 *
 * Jobs come from a [class@Domain]: [method@Domain.begin_backup] begins one, and
 * [method@Domain.get_backup_job] finds one that was begun before, also by another program. As long
 * as the object lives, both return the same object for the same job, unless that has no
 * [property@BackupJob:id].
 *
 * The object follows the job: its properties are up to date at any time, in any thread, whether a
 * main context runs or not. `notify` and [signal@BackupJob::ended] are emitted later, in the main
 * context of the connection, in the order in which things happened. [method@BackupJob.wait] waits
 * for the end, and fails if that is not a good one:
 *
 * ```python
 * job = domain.begin_backup(backup_xml, checkpoint_xml, 0, None)
 * job.wait(None)
 * ```
 *
 * The job does not depend on the object: it goes on when nothing refers to that any more. A job
 * keeps its domain alive.
 *
 * Since: 1.0
 */
struct _VckBackupJob
{
  GObject parent_instance;

  /* Immutable, and NULL without vck_backup_job_wrap(). */
  VckDomain *domain;         /* owned reference */
  VckIdentity *identity;     /* owned reference */
  VckcJobInfo *handle;       /* owned reference: as it was first seen */
  VckProperties *properties; /* owned reference */
  VckRefresher *refresher;   /* owned */

  GListStore *disks; /* owned reference; changes in the main context only */

  /* Of the main context only. */
  VckcJobInfo *notified; /* owned reference; as it was when `notify` was last emitted */
  gint64 notified_rate;
  gboolean end_notified;
};

enum
{
  PROP_DOMAIN = 1,
  PROP_ID,
  PROP_MODE,
  PROP_CHECKPOINT_NAME,
  PROP_STATE,
  PROP_ERROR,
  PROP_BYTES_DONE,
  PROP_BYTES_TOTAL,
  PROP_RATE,
  PROP_TIME_ELAPSED,
  PROP_TEMP_USED,
  PROP_TEMP_TOTAL,
  PROP_SPEED,
  PROP_DISKS,
  N_PROPS
};

enum
{
  SIGNAL_ENDED,
  N_SIGNALS
};

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (VckBackupJob, vck_backup_job, G_TYPE_OBJECT)

VckcJobInfo *
vck_backup_job_ref_now (VckBackupJob *self)
{
  return self->properties != NULL ? vck_job_progress_ref_info (vck_backup_job_get_progress (self))
                                  : NULL;
}

static void
vck_backup_job_finalize (GObject *object)
{
  VckBackupJob *self = VCK_BACKUP_JOB (object);

  if (self->identity != NULL)
    vck_identity_unbind_object (self->identity, self);
  g_clear_pointer (&self->refresher, vck_refresher_stop);
  if (self->handle != NULL)
    vckc_job_info_unref (self->handle, NULL);
  if (self->notified != NULL)
    vckc_job_info_unref (self->notified, NULL);
  g_clear_object (&self->disks);
  g_clear_pointer (&self->properties, vck_properties_unref);
  g_clear_pointer (&self->identity, vck_identity_unref);
  g_clear_object (&self->domain);

  G_OBJECT_CLASS (vck_backup_job_parent_class)->finalize (object);
}

static void
vck_backup_job_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  VckBackupJob *self = VCK_BACKUP_JOB (object);

  switch (id)
    {
    case PROP_DOMAIN:
      g_value_set_object (value, self->domain);
      break;
    case PROP_ID:
      g_value_set_string (value, vckc_job_info_get_id (self->handle, NULL));
      break;
    case PROP_MODE:
      g_value_set_enum (value, (int) vck_backup_job_get_mode (self));
      break;
    case PROP_CHECKPOINT_NAME:
      g_value_set_string (value, vckc_job_info_get_checkpoint (self->handle, NULL));
      break;
    case PROP_STATE:
      g_value_set_enum (value, (int) vck_backup_job_get_state (self));
      break;
    case PROP_ERROR:
      g_value_take_boxed (value, vck_backup_job_get_error (self));
      break;
    case PROP_BYTES_DONE:
      g_value_set_int64 (value, vck_backup_job_get_bytes_done (self));
      break;
    case PROP_BYTES_TOTAL:
      g_value_set_int64 (value, vck_backup_job_get_bytes_total (self));
      break;
    case PROP_RATE:
      g_value_set_int64 (value, vck_backup_job_get_rate (self));
      break;
    case PROP_TIME_ELAPSED:
      g_value_set_int64 (value, vck_backup_job_get_time_elapsed (self));
      break;
    case PROP_TEMP_USED:
      g_value_set_int64 (value, vck_backup_job_get_temp_used (self));
      break;
    case PROP_TEMP_TOTAL:
      g_value_set_int64 (value, vck_backup_job_get_temp_total (self));
      break;
    case PROP_SPEED:
      g_value_set_int64 (value, vck_backup_job_get_speed (self));
      break;
    case PROP_DISKS:
      g_value_set_object (value, self->disks);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
vck_backup_job_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_SPEED:
      if (g_value_get_int64 (value) >= 0)
        vck_backup_job_limit_speed_async (VCK_BACKUP_JOB (object),
                                          (guint64) g_value_get_int64 (value), NULL, NULL, NULL);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

/* What does not change. */
static void
backup_job_install_constants (void)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  /**
   * VckBackupJob:domain:
   *
   * The domain that is backed up.
   *
   * Since: 1.0
   */
  props[PROP_DOMAIN] = g_param_spec_object ("domain", "Domain", "The domain that is backed up",
                                            VCK_TYPE_DOMAIN, flags);

  /**
   * VckBackupJob:id:
   *
   * What distinguishes the job from other jobs of the domain; %NULL if the driver has nothing that
   * does. libvirt has not for a job that another program began, unless it was taken up.
   *
   * Since: 1.0
   */
  props[PROP_ID] = g_param_spec_string (
      "id", "Id", "What distinguishes the job from other jobs of the domain", NULL, flags);

  /**
   * VckBackupJob:mode:
   *
   * How the data leaves the domain.
   *
   * Since: 1.0
   */
  props[PROP_MODE] = g_param_spec_enum ("mode", "Mode", "How the data leaves the domain",
                                        VCK_TYPE_BACKUP_MODE, VCK_BACKUP_MODE_PUSH, flags);

  /**
   * VckBackupJob:checkpoint-name:
   *
   * The name of the checkpoint that is created with the backup; %NULL if none is.
   *
   * Since: 1.0
   */
  props[PROP_CHECKPOINT_NAME] = g_param_spec_string (
      "checkpoint-name", "Checkpoint name",
      "The name of the checkpoint that is created with the backup", NULL, flags);

  /**
   * VckBackupJob:disks: (attributes bindgen.element=BackupJobDisk)
   *
   * The disks that are backed up, of type [class@BackupJobDisk], in the order of the document.
   * They are the same objects as long as the job is.
   *
   * Since: 1.0
   */
  props[PROP_DISKS] = g_param_spec_object (
      "disks", "Disks", "The disks that are backed up, in the order of the document",
      G_TYPE_LIST_MODEL, flags);
}

static void
backup_job_install_progress (void)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  /**
   * VckBackupJob:state:
   *
   * What has become of the job. If the connection is closed meanwhile, it stays what it was.
   *
   * Since: 1.0
   */
  props[PROP_STATE] = g_param_spec_enum ("state", "State", "What has become of the job",
                                         VCK_TYPE_JOB_STATE, VCK_JOB_STATE_RUNNING, flags);

  /**
   * VckBackupJob:error:
   *
   * Why there is no backup, as [method@BackupJob.wait] reports it; %NULL while the job is under way
   * and if it is done.
   *
   * Since: 1.0
   */
  props[PROP_ERROR] =
      g_param_spec_boxed ("error", "Error", "Why there is no backup, as waiting for it reports it",
                          G_TYPE_ERROR, flags);

  /**
   * VckBackupJob:bytes-done:
   *
   * How much of the data of all disks is copied, in bytes; -1 if it is not known, as in pull mode.
   *
   * Since: 1.0
   */
  props[PROP_BYTES_DONE] = g_param_spec_int64 (
      "bytes-done", "Bytes done", "How much of the data of all disks is copied, in bytes", -1,
      G_MAXINT64, -1, flags);

  /**
   * VckBackupJob:bytes-total:
   *
   * How much data of all disks is to be copied in all, in bytes, which may grow; -1 if it is not
   * known, as in pull mode.
   *
   * Since: 1.0
   */
  props[PROP_BYTES_TOTAL] = g_param_spec_int64 (
      "bytes-total", "Bytes total",
      "How much data of all disks is to be copied in all, in bytes, which may grow", -1, G_MAXINT64,
      -1, flags);

  /**
   * VckBackupJob:rate:
   *
   * How fast data is copied, in bytes per second: while the job is under way, smoothed over some
   * seconds; of a job that has ended, the mean. -1 if it is not known.
   *
   * Since: 1.0
   */
  props[PROP_RATE] = g_param_spec_int64 (
      "rate", "Rate", "How fast data is copied, in bytes per second", -1, G_MAXINT64, -1, flags);

  /**
   * VckBackupJob:time-elapsed:
   *
   * How long the job has taken, in milliseconds; -1 if it is not known. While the job is under way
   * it grows all the time, and `notify` is emitted when the job reports its time, which a job of
   * which no progress is known seldom does. Of a job that has ended, the time as reported. When
   * libvirtd is restarted meanwhile, libvirt counts from 0 again: the time is then right in a
   * process that had begun the job or followed it, and else counts from the restart.
   *
   * Since: 1.0
   */
  props[PROP_TIME_ELAPSED] =
      g_param_spec_int64 ("time-elapsed", "Time elapsed",
                          "How long the job has taken, in milliseconds", -1, G_MAXINT64, -1, flags);
}

static void
backup_job_install_resources (void)
{
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  /**
   * VckBackupJob:temp-used:
   *
   * How large the temporary files of the job are, in bytes: the scratch files of pull mode, or
   * those that are written beside images first. -1 if there are none or it is not known.
   *
   * Since: 1.0
   */
  props[PROP_TEMP_USED] = g_param_spec_int64 (
      "temp-used", "Temp used", "How large the temporary files of the job are, in bytes", -1,
      G_MAXINT64, -1, flags);

  /**
   * VckBackupJob:temp-total:
   *
   * How large the temporary files of the job may become, in bytes, apart from their tables; -1 if
   * there are none or it is not known.
   *
   * Since: 1.0
   */
  props[PROP_TEMP_TOTAL] = g_param_spec_int64 (
      "temp-total", "Temp total",
      "How large the temporary files of the job may become, in bytes, apart from their tables", -1,
      G_MAXINT64, -1, flags);

  /**
   * VckBackupJob:speed:
   *
   * How fast each disk is copied at most, in bytes per second; 0 for no limit, -1 if it is not
   * known. To set it starts [method@BackupJob.limit_speed] without waiting for its result, so that
   * it does not block; a negative value changes nothing.
   *
   * Since: 1.0
   */
  props[PROP_SPEED] = g_param_spec_int64 (
      "speed", "Speed", "How fast each disk is copied at most, in bytes per second", -1, G_MAXINT64,
      -1, flags | G_PARAM_WRITABLE);
}

static void
vck_backup_job_class_init (VckBackupJobClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = vck_backup_job_finalize;
  object_class->get_property = vck_backup_job_get_property;
  object_class->set_property = vck_backup_job_set_property;

  backup_job_install_constants ();
  backup_job_install_progress ();
  backup_job_install_resources ();
  g_object_class_install_properties (object_class, N_PROPS, props);

  /**
   * VckBackupJob::ended:
   * @self: the job
   * @state: how it ended, its [property@BackupJob:state]
   *
   * Emitted once when the job has ended, well or not, after `notify` of what that changed. An
   * object that is made of a job that has ended already emits it too.
   *
   * It is emitted in the main context that was the thread-default one when the connection was
   * opened, never from inside a call. The handler may call anything, also drop the last reference
   * to the job. It is not emitted if the connection is closed before the job ends.
   *
   * Since: 1.0
   */
  signals[SIGNAL_ENDED] = g_signal_new ("ended", VCK_TYPE_BACKUP_JOB, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 1, VCK_TYPE_JOB_STATE);
}

static void
vck_backup_job_init (VckBackupJob *self)
{
  self->disks = g_list_store_new (VCK_TYPE_BACKUP_JOB_DISK);
}

/**
 * vck_backup_job_get_domain:
 * @self: a backup job
 *
 * Gets the domain that is backed up.
 *
 * Returns: (transfer none) (nullable): the domain, which lives as long as @self; %NULL only for an
 *   object that came from no domain
 *
 * Since: 1.0
 */
VckDomain *
vck_backup_job_get_domain (VckBackupJob *self)
{
  g_return_val_if_fail (VCK_IS_BACKUP_JOB (self), NULL);

  return self->domain;
}

/**
 * vck_backup_job_get_state:
 * @self: a backup job
 *
 * Gets what has become of the job: see [property@BackupJob:state]. It never blocks.
 *
 * Returns: the state
 *
 * Since: 1.0
 */
VckJobState
vck_backup_job_get_state (VckBackupJob *self)
{
  VckcJobInfo *now = NULL;
  VckJobState state = VCK_JOB_STATE_RUNNING;

  g_return_val_if_fail (VCK_IS_BACKUP_JOB (self), VCK_JOB_STATE_RUNNING);

  now = vck_backup_job_ref_now (self);
  if (now != NULL)
    state = (VckJobState) vckc_job_info_get_state (now, NULL);
  vckc_job_info_unref (now, NULL);
  return state;
}

/* The reason, or NULL if there is none (yet). */
static GError *
backup_job_make_error (VckBackupJob *self, VckcJobInfo *info)
{
  const char *name = vck_domain_get_name (self->domain);
  const char *reason = vckc_job_info_get_error (info, NULL);
  const int code = (int) vckc_job_info_get_error_code (info, NULL);

  switch (vckc_job_info_get_state (info, NULL))
    {
    case VCKC_JOB_STATE_CANCELLED:
      return g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "the backup of '%s' was cancelled",
                          name);
    case VCKC_JOB_STATE_FAILED:
      return reason != NULL ? g_error_new_literal (VCK_ERROR, code, reason)
                            : g_error_new (VCK_ERROR, code, "the backup of '%s' failed", name);
    case VCKC_JOB_STATE_LOST:
      return reason != NULL
                 ? g_error_new_literal (VCK_ERROR, code, reason)
                 : g_error_new (VCK_ERROR, code,
                                "the backup of '%s' was lost: what copied the data ended before it",
                                name);
    case VCKC_JOB_STATE_RUNNING:
    case VCKC_JOB_STATE_FINISHING:
    case VCKC_JOB_STATE_DONE:
    default:
      return NULL;
    }
}

GError *
vck_backup_job_new_closed_error (void)
{
  return g_error_new_literal (
      VCK_ERROR, VCK_ERROR_NO_CONNECT,
      "cannot wait for the backup: the connection was closed meanwhile; open another one");
}

/**
 * vck_backup_job_get_error:
 * @self: a backup job
 *
 * Gets why there is no backup, as [method@BackupJob.wait] reports it. It never blocks.
 *
 * Returns: (transfer full) (nullable): the reason; %NULL while the job is under way and if it is
 *   done
 *
 * Since: 1.0
 */
GError *
vck_backup_job_get_error (VckBackupJob *self)
{
  VckcJobInfo *now = NULL;
  GError *error = NULL;

  g_return_val_if_fail (VCK_IS_BACKUP_JOB (self), NULL);

  now = vck_backup_job_ref_now (self);
  if (now != NULL)
    error = backup_job_make_error (self, now);
  vckc_job_info_unref (now, NULL);
  return error;
}

/**
 * vck_backup_job_get_disks: (attributes bindgen.element=BackupJobDisk)
 * @self: a backup job
 *
 * Gets the disks that are backed up, of type [class@BackupJobDisk], in the order of the document.
 * It never blocks.
 *
 * Returns: (transfer none): the disks, a list that lives as long as @self
 *
 * Since: 1.0
 */
GListModel *
vck_backup_job_get_disks (VckBackupJob *self)
{
  g_return_val_if_fail (VCK_IS_BACKUP_JOB (self), NULL);

  return G_LIST_MODEL (self->disks);
}

VckcJobInfo *
vck_backup_job_get_handle (VckBackupJob *self)
{
  return self->handle;
}

VckIdentity *
vck_backup_job_get_identity (VckBackupJob *self)
{
  return self->identity;
}

VckRefresher *
vck_backup_job_get_refresher (VckBackupJob *self)
{
  return self->refresher;
}

VckJobProgress *
vck_backup_job_get_progress (VckBackupJob *self)
{
  return vck_properties_get_job (self->properties);
}

/* Adds objects for the disks that have none yet. */
static void
backup_job_add_disks (VckBackupJob *self, VckcJobInfo *info)
{
  VckcJobDisk **disks = NULL;
  const int n_disks = vckc_job_info_list_disks (info, &disks, NULL);

  for (int i = 0; i < n_disks; i++)
    if ((guint) i < g_list_model_get_n_items (G_LIST_MODEL (self->disks)))
      vckc_job_disk_unref (disks[i], NULL);
    else
      {
        g_autoptr (VckBackupJobDisk) disk = vck_backup_job_disk_wrap (self, disks[i]);

        g_list_store_append (self->disks, disk);
      }
  g_free (disks);
}

/* Makes an object that is not bound yet. */
static VckBackupJob *
backup_job_new (VckDomain *domain, VckIdentity *identity, VckcJobInfo *handle)
{
  VckBackupJob *self = g_object_new (VCK_TYPE_BACKUP_JOB, NULL);

  self->domain = g_object_ref (domain);
  self->identity = vck_identity_ref (identity);
  self->handle = handle;
  self->properties = vck_properties_new_of_job (handle);
  vckc_job_info_ref (handle, NULL);
  self->notified = handle;
  self->notified_rate = vck_backup_job_get_rate (self);
  self->refresher = vck_backup_job_new_refresher (self);
  backup_job_add_disks (self, handle);
  return self;
}

/* What happens before the object is bound is seen by the look that follows. */
VckBackupJob *
vck_backup_job_wrap (gpointer domain, VckcJobInfo *handle)
{
  g_autoptr (VckIdentity) identity =
      vck_identity_get_job (vck_domain_get_identity (domain), vckc_job_info_get_id (handle, NULL));
  VckBackupJob *bound = vck_identity_ref_object (identity);
  g_autoptr (VckBackupJob) made = NULL;

  if (bound != NULL)
    {
      vckc_job_info_unref (handle, NULL);
      return bound;
    }
  made = backup_job_new (domain, identity, handle);
  while (bound == NULL)
    bound = vck_identity_bind_object (identity, made, made->properties,
                                      vck_identity_get_change_count (identity));
  if (bound == made)
    vck_backup_job_follow (bound);
  return bound;
}

/* The properties that are not what they were; `notify` is emitted in the reverse order. */
static void
backup_job_notify_differences (VckBackupJob *self, VckcJobInfo *before, VckcJobInfo *now)
{
  const struct
  {
    int64_t (*get) (VckcJobInfo *info, VckcError **err);
    guint id;
  } numbers[] = {
    { vckc_job_info_get_speed, PROP_SPEED },
    { vckc_job_info_get_temp_total, PROP_TEMP_TOTAL },
    { vckc_job_info_get_temp_used, PROP_TEMP_USED },
    { vckc_job_info_get_time_elapsed, PROP_TIME_ELAPSED },
    { vckc_job_info_get_bytes_total, PROP_BYTES_TOTAL },
    { vckc_job_info_get_bytes_done, PROP_BYTES_DONE },
  };
  const VckcJobState state = vckc_job_info_get_state (now, NULL);

  if (state != vckc_job_info_get_state (before, NULL))
    {
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
      if (state > VCKC_JOB_STATE_DONE)
        g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ERROR]);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (numbers[i].get (before, NULL) != numbers[i].get (now, NULL))
      g_object_notify_by_pspec (G_OBJECT (self), props[numbers[i].id]);
}

static void
backup_job_notify_disks (VckBackupJob *self)
{
  const guint n_disks = g_list_model_get_n_items (G_LIST_MODEL (self->disks));

  for (guint i = 0; i < n_disks; i++)
    {
      g_autoptr (VckBackupJobDisk) disk = g_list_model_get_item (G_LIST_MODEL (self->disks), i);

      vck_backup_job_disk_notify_changes (disk);
    }
}

void
vck_backup_job_notify_changes (VckBackupJob *self)
{
  VckcJobInfo *before = self->notified;
  const gint64 rate = vck_backup_job_get_rate (self);

  self->notified = vck_backup_job_ref_now (self);
  backup_job_notify_disks (self);
  g_object_freeze_notify (G_OBJECT (self));
  backup_job_notify_differences (self, before, self->notified);
  if (rate != self->notified_rate)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_RATE]);
  self->notified_rate = rate;
  backup_job_add_disks (self, self->notified);
  vckc_job_info_unref (before, NULL);
  g_object_thaw_notify (G_OBJECT (self));
}

void
vck_backup_job_notify_end (VckBackupJob *self)
{
  if (self->end_notified)
    return;
  self->end_notified = TRUE;
  g_signal_emit (self, signals[SIGNAL_ENDED], 0, vck_backup_job_get_state (self));
}
