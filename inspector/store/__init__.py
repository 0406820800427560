"""The log and the evidence pictures: written by `inspector store`, read by the viewer and `inspector log`."""
