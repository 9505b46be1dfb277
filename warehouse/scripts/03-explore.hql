-- A first look at the data, by the questions one asks before any model.
set hive.cli.print.header=true;
show databases;
use nyctaxidb;
show tables;
show partitions trip;

-- The first rows of a month.
select medallion, pickup_datetime, passenger_count, trip_distance from trip where month = 1 limit 10;

-- How many trips are there a month?
select month, count(*) as trips from trip group by month order by month;

-- Which cabs were busy in the first quarter?
select medallion, count(*) as med_count
from fare
where month <= 3
group by medallion
having med_count > 15
order by med_count desc, medallion
limit 10;

-- Cabs and the drivers who share them.
select medallion, hack_license, count(*) as trip_count
from fare
where month = 1
group by medallion, hack_license
having trip_count > 1
order by trip_count desc, medallion, hack_license
limit 10;

-- Rows whose coordinates lie outside the city are measuring errors.
select count(*) as bad_rows
from trip
where cast(pickup_longitude as float) not between -90 and -30
   or cast(pickup_latitude as float) not between 30 and 90
   or cast(dropoff_longitude as float) not between -90 and -30
   or cast(dropoff_latitude as float) not between 30 and 90;

-- Who tips, and how much?
select tipped, count(*) as tip_freq
from (select if(tip_amount > 0, 1, 0) as tipped from fare) t
group by tipped
order by tipped;

select tip_class, count(*) as tip_freq
from (
    select case when tip_amount = 0 then 0
                when tip_amount <= 5 then 1
                when tip_amount <= 10 then 2
                when tip_amount <= 20 then 3
                else 4 end as tip_class
    from fare) t
group by tip_class
order by tip_class;

-- Trips an hour of the day, and how far they go.
select substr(pickup_datetime, 12, 2) as hour_of_day, count(*) as trips, round(avg(trip_distance), 2) as miles
from trip
group by substr(pickup_datetime, 12, 2)
order by hour_of_day;
