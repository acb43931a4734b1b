-- Names and values by turns, as in domain/click/annotations_wire.ts; null: there are none.
CASE WHEN annotations IS NULL THEN MAP {}
     ELSE map(string_split(annotations, chr(31))[1:-:2], string_split(annotations, chr(31))[2:-:2])
END
