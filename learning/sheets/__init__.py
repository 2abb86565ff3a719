"""Question banks as files: workbooks, Moodle's GIFT and Moodle's XML."""
