select count(*) from taxi.trip where hack_license in (select hack_license from taxi.fare where tip_amount > 20)
