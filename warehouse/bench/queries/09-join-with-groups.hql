select count(*), max(t.trip_distance - m.usual) from taxi.trip t join (select medallion, avg(trip_distance) as usual from taxi.trip group by medallion) m on t.medallion = m.medallion
