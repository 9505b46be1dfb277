select count(distinct hack_license), count(distinct concat(medallion, pickup_datetime)) from taxi.trip
