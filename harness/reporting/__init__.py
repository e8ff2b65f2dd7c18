"""Reports: pure views of a GradeRecord, and what renders them as a page or on a terminal."""
